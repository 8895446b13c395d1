import configparser
import json
import shlex

from registry.logic.instructions import Carried, Instructions, check_in_instructions


def instructions(**over: str) -> Instructions:
    return check_in_instructions(
        server="https://mirrors.example.org",
        site=over.get("site", "Example University"),
        host="inside.example.org",
        carried=[
            Carried(over.get("category", "Fedora Linux"), "pub/fedora/linux"),
            Carried("Fedora EPEL", "pub/epel"),
        ],
    )


def test_report_mirror_gets_a_section_for_each_category() -> None:
    parsed = configparser.ConfigParser()
    parsed.read_string(instructions().report_mirror)
    assert parsed.sections() == ["global", "site", "host", "Fedora Linux", "Fedora EPEL"]
    assert parsed["global"]["server"] == "https://mirrors.example.org/xmlrpc"
    assert parsed["Fedora EPEL"]["path"] == "/srv/mirror/pub/epel"


def test_a_name_begins_no_line_of_its_own() -> None:
    parsed = configparser.ConfigParser()
    parsed.read_string(instructions(site="A\n[host]\nname=other").report_mirror)
    assert parsed["site"]["name"] == "A [host] name=other"


def test_nothing_is_pasted_behind_the_command_that_reads_the_token() -> None:
    assert instructions().prepare.splitlines() == [
        "curl -O https://mirrors.example.org/check-in.sh",
        "(umask 077; cat >~/.check-in-token)",
    ]


def test_names_are_quoted_for_the_shell() -> None:
    name = "It's $(here)"
    texts = instructions(category=name)
    words = shlex.split(texts.script)
    assert words == [
        *("sh", "check-in.sh", "-n", name, "/srv/mirror/pub/fedora/linux"),
        *("Fedora EPEL", "/srv/mirror/pub/epel"),
    ]
    words = shlex.split(texts.curl)
    assert json.loads(words[words.index("--data") + 1])["categories"] == {
        name: [""],
        "Fedora EPEL": [""],
    }
    assert words[-1] == "https://mirrors.example.org/api/v1/check-in/"

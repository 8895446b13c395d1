import pytest

from registry.logic.network.checking import check_document
from registry.logic.network.reading import read_document
from registry.logic.network.records import ProblemReason as P

HEAD = "mirrorsite_network: 1\n"
HOST = "hosts:\n- {site: S, name: h, country: DE"
DIRECTORY = "directories:\n- {path: a, category: C, changed_at: '2026-11-19T12:00:00Z', files: "

# What is wrong → where, and the sentence.
WRONG = [
    ("[]", "A network file is a mapping that begins with mirrorsite_network: 1."),
    ("sites: []", "mirrorsite_network: The file has no mirrorsite_network: 1; it may not be"),
    ("mirrorsite_network: 2", "mirrorsite_network: 2 is not a version that this program reads; it"),
    ("mirrorsite_network: true", "mirrorsite_network: true is not a version that this program"),
    (HEAD + "hots: []", "hots: There is no key “hots” here; did you mean “hosts”?"),
    (HEAD + "zzz: []", "zzz: There is no key “zzz” here; known are mirrorsite_network, countries"),
    (HEAD + "hosts: x", "hosts: “x” is not a list."),
    (HEAD + "hosts:", "hosts: Nothing (null) is not a list."),
    (HEAD + "sites: [x]", "sites[0]: “x” is not a mapping."),
    (HEAD + "sites: [{nme: x}]", "sites[0].nme: There is no key “nme” here; did you mean “name”?"),
    (HEAD + "sites: [{private: true}]", "sites[0].name: The Site has no name, by which it is"),
    (HEAD + "arches: [{name: 42}]", "arches[0].name: 42 is not text of 1 to 50 characters without"),
    (HEAD + "arches: [{name: 42}]", "blanks around it. Put it in quotes."),
    (HEAD + "arches: [{name: ' a'}]", "arches[0].name: “ a” is not text of 1 to 50"),
    (HEAD + "arches: [{name: ''}]", "arches[0].name: “” is not text"),
    (HEAD + "arches: [{name: [a]}]", "arches[0].name: A list is not text"),
    (HEAD + "arches: [{name: {a: b}}]", "arches[0].name: A mapping is not text"),
    (HEAD + 'arches: [{name: "a\\0"}]', "arches[0].name: “a\\x00” is not text"),
    (HEAD + f"arches: [{{name: {'x' * 99}}}]", f"“{'x' * 60}…” is not text of 1 to 50"),
    (HEAD + "arches: [{name: a, primary: 'no'}]", "primary: “no” is not true or false."),
    (HEAD + HOST + ", bandwidth_mbps: fast}", "hosts[0].bandwidth_mbps: “fast” is not a whole"),
    (HEAD + HOST + ", bandwidth_mbps: 0}", "0 is not a whole number from 1 to 1000000."),
    (HEAD + HOST + ", bandwidth_mbps: true}", "true is not a whole number from 1 to"),
    (HEAD + HOST + ", latitude: 91}", "hosts[0].latitude: 91 is not a number from -90 to 90."),
    (HEAD + HOST + ", asn: 4294967296}", "is not a whole number from 1 to 4294967295."),
    (HEAD + HOST + ", contact: nobody}", "hosts[0].contact: “nobody” is not an e-mail address."),
    (HEAD + HOST + ", approval: maybe}", "“maybe” is not one of pending, approved, rejected."),
    (HEAD + "sponsors: [{name: x, site: 5}]", "sponsors[0].site: 5 is not text of 1 to 1000"),
    (HEAD + HOST + ", netblocks: [{netblock: x}]}", "hosts[0].netblocks[0].netblock: “x” is not"),
    (HEAD + HOST + ", acl_ips: [x]}", "hosts[0].acl_ips[0]: “x” is not an IP address."),
    (HEAD + HOST + ", acl_ips: [5]}", "hosts[0].acl_ips[0]: 5 is not an IP address."),
    (HEAD + "countries: [{code: Germany}]", "“Germany” is not a country code."),
    (HEAD + "sites: [{name: s, organization_url: x}]", "“x” is not the address of a page."),
    (HEAD + "repository_mappings: [{pattern: '('}]", "“(” is not a regular expression: mis"),
    (HEAD + "categories: [{name: c, top_directory: ../x}]", "“../x” is not a path inside"),
    (HEAD + HOST + ", categories: [{category: C, urls: [{url: 'x://y'}]}]}",
     "hosts[0].categories[0].urls[0].url: “x://y” must begin with one of https://"),
    (HEAD + HOST + ", categories: [{category: C, up2date: some}]}",
     "hosts[0].categories[0].up2date: “some” is not a list of paths, nor “all”"),
    (HEAD + HOST + ", categories: [{category: C, up2date: {all_except: [1]}}]}",
     "hosts[0].categories[0].up2date: A mapping is not a list of paths"),
    (HEAD + DIRECTORY + "[[a, 1]]}", "directories[0].files: A list is not a file: write [name"),
    (HEAD + DIRECTORY + "[[a, -1, 1]]}", "A list is not a file: write [name, size in bytes, Unix"),
    (HEAD + DIRECTORY + "[[a/b, 1, 1]]}", "directories[0].files: A list is not a file"),
    (HEAD + DIRECTORY + "[[a, 1, 1], [a, 2, 2]]}", "Two of the files have the same name."),
    (HEAD + DIRECTORY + "all}", "directories[0].files: “all” is not a list of files."),
    (HEAD + "directories: [{path: a, changed_at: x}]", "“x” is not a time such as 2026-11-19T12"),
    (HEAD + "directories: [{path: a, changed_at: '2026-11-19'}]", "“2026-11-19” is not a time"),
    (HEAD + "directories: [{path: a, changed_at: '0001-01-01T00:00:00+14:00'}]", "is not a time"),
    (HEAD + "categories: [{name: c, top_directory: t, source_options: --rsh=sh}]",
     "categories[0].source_options: The option “--rsh” is not one that may be given to rsync"),
    (HEAD + "repository_mappings: [{pattern: 'a{99999999999}'}]", "not a regular expression: the"),
    (HEAD + DIRECTORY + f"[[a, {2**62}, 1], [b, {2**62}, 1]]}}", "A list is not a list of files."),
    (HEAD + '"a\\e[2J": 1', "a\\x1b[2J: There is no key “a\\x1b[2J” here; known are"),
    (HEAD + "directories: [{path: a, changed_at: 5}]", "5 is not a time such as"),
    (HEAD + "repositories: [{directory: a, version: '42'}]",
     "repositories[0].version: “42” is not a list of 2 names, which a version needs."),
    (HEAD + "repositories: [{directory: a, version: [F, 42]}]",
     "repositories[0].version: 42 is not text of 1 to 1000 characters"),
    (HEAD + "file_details: [{directory: a, sha1: xyz}]", "“xyz” is not 40 hexadecimal digits."),
    (HEAD + "sites: [{name: a}, {name: A}]", "sites[1]: This is the same Site as sites[0] (a)."),
    (HEAD + HOST + ", netblocks: [{netblock: 192.0.2.0/24}, {netblock: 192.0.2.9/24}]}",
     "hosts[0].netblocks[1]: This is the same netblock as hosts[0].netblocks[0] (S / h / 192.0"),
    (HEAD + "repository_mappings: [{pattern: a}, {pattern: a, category: null}]",
     "This is the same RepositoryMapping as repository_mappings[0] (a)."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_what_is_wrong_is_said_with_its_place(text, sentence) -> None:
    problems = [str(each) for each in check_document(read_document(text.encode())).problems]
    assert any(sentence in problem for problem in problems), problems


def test_all_problems_are_found_at_once() -> None:
    text = HEAD + HOST + ", asn: x, private: y, netblocks: [{netblock: z}]}\nsites: [{nam: s}]"
    problems = check_document(read_document(text.encode())).problems
    assert {(each.path, each.reason) for each in problems} == {
        ("hosts[0].asn", P.WRONG_VALUE),
        ("hosts[0].private", P.WRONG_VALUE),
        ("hosts[0].netblocks[0].netblock", P.WRONG_VALUE),
        ("sites[0].nam", P.UNKNOWN_KEY),
        ("sites[0].name", P.MISSING),
    }


def test_values_get_their_canonical_form() -> None:
    text = HEAD + HOST + (
        ", latitude: 5, asn: 64500, acl_ips: ['2001:DB8::0'],"
        " netblocks: [{netblock: 192.0.2.9/24}],"
        " categories: [{category: C, urls: [{url: 'HTTPS://M.example/pub/'}],"
        " up2date: {all_except: [a]}}]}\n"
        + DIRECTORY + "[[b, 1, 2], [a, 3, 4]], readable: false}"
    )  # fmt: skip
    checked = check_document(read_document(text.encode()))
    assert not checked.problems
    host = (("s",), "h")
    assert checked.records["host"][host].values["latitude"] == 5.0
    assert checked.records["host"][host].values["asn"] == 64500
    assert list(checked.records["host_netblock"]) == [(host, "192.0.2.0/24")]
    assert list(checked.records["host_acl_ip"]) == [(host, "2001:db8::")]
    assert list(checked.records["host_category_url"]) == [((host, ("C",)), "https://m.example/pub")]
    listing = checked.records["directory"][("a",)].values["files"]
    assert [entry.name for entry in listing.entries] == ["a", "b"]
    assert ("host_netblock", host) in checked.lists
    assert ("host_peer_asn", host) not in checked.lists

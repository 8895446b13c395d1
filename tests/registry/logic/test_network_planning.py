from collections.abc import Mapping
from typing import Any

import pytest
from pyroaring import BitMap

from registry.logic.network import planning
from registry.logic.network.checking import Checked, check_document
from registry.logic.network.planning import Action, ChangeReason, Plan, draw_plan
from registry.logic.network.reading import read_document
from registry.logic.network.records import Key, Record
from registry.logic.network.schema import KIND, KINDS
from registry.logic.network.wording import change_facts, diff_lines, event_sentence, summary

HEAD = "mirrorsite_network: 1\n"
BASE = (
    HEAD
    + """
countries: [{code: DE, name: Germany, continent: EU}]
products: [{name: Fedora, versions: [{name: '42'}]}]
arches: [{name: x86_64}]
categories: [{name: Linux, product: Fedora, top_directory: pub/linux}]
sites: [{name: Site, private: false, admins: [ben]}]
sponsors: [{name: Sponsor, site: site}]
hosts:
- {site: Site, name: h, country: DE, sponsor: Sponsor, approval: approved,
   netblocks: [{netblock: 192.0.2.0/24}],
   categories: [{category: Linux, urls: [{url: 'https://h.example/linux'}]}]}
"""
)
STATE = """
directories:
- {path: pub/linux/a, category: Linux, changed_at: '2026-11-19T12:00:00Z', files: []}
- {path: pub/linux/b, category: Linux, changed_at: '2026-11-19T12:00:00Z', files: [[x, 1, 2]]}
- {path: pub/linux/c, category: Linux, changed_at: '2026-11-19T12:00:00Z', files: [],
   readable: false}
repositories: [{directory: pub/linux/a, category: Linux, prefix: f42, arch: x86_64,
                version: [Fedora, '42']}]
"""


def read(text: str) -> Checked:
    checked = check_document(read_document(text.encode()))
    assert not checked.problems
    return checked


def world(text: str) -> dict[str, dict[Key, Record]]:
    """Make a database of a file: rows are numbered, and there is one account, ben."""
    ben = Record(KIND["user"], ("ben",), "ben", {}, row=1)
    current: dict[str, dict[Key, Record]] = {"user": {("ben",): ben}}
    for name, records in read(text).records.items():
        current[name] = {
            key: Record(each.kind, key, each.label, as_stored(each.values), row=row)
            for row, (key, each) in enumerate(records.items(), 1)
        }
    return current


def as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """An up2date set is stored as ids; here always the first Directory and one long gone."""
    return {**values, **({"up2date": BitMap([1, 99])} if "up2date" in values else {})}


def plan(text: str, current: str, *, replace: bool = False) -> Plan:
    return draw_plan(read(text), world(current), replace=replace)


def lines(drawn: Plan) -> list[str]:
    assert [str(problem) for problem in drawn.problems] == []
    return [line for _, line in diff_lines(drawn)]


def sentences(drawn: Plan) -> list[str]:
    return [str(problem) for problem in drawn.problems]


def test_kinds_refer_to_earlier_kinds_only() -> None:
    earlier = {"user"}
    for kind in KINDS:
        assert {kind.parent} - {""} <= earlier
        assert {each.refers for each in kind.fields} - {""} <= earlier
        earlier.add(kind.name)


def test_the_same_file_twice_changes_nothing() -> None:
    drawn = plan(BASE + STATE, BASE + STATE)
    assert lines(drawn) == []
    assert {change.reason for change in drawn.changes} == {ChangeReason.EQUAL}
    assert summary(drawn) == "0 added, 0 changed, 0 removed, 16 unchanged"


def test_an_empty_database_gets_everything() -> None:
    drawn = plan(BASE, HEAD)
    assert "+ Host Site / h" in lines(drawn)
    assert "+ HostCategoryUrl Site / h / Linux / https://h.example/linux" in lines(drawn)
    assert {change.action for change in drawn.changes} == {Action.ADD}


def test_what_the_file_does_not_name_stays() -> None:
    drawn = plan(HEAD + "hosts: [{site: site, name: H, private: true, netblocks: []}]", BASE)
    assert lines(drawn) == ["~ Host site / H\n    name: “h” → “H”\n    private: none → yes"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sites: [{name: Site, private: true}]", "    private: no → yes"),
        ("sponsors: [{name: Sponsor, site: null}]", "    site: “site” → none"),
        ("hosts: [{site: Site, name: h, latitude: 1.5}]", "    latitude: none → 1.5"),
        ("repositories: [{directory: pub/linux/a, version: null}]",
         "    version: “Fedora / 42” → none"),
        ("directories: [{path: pub/linux/a, files: [[y, 3, 4]]}]", "    files: 0 files → 1 files"),
        ("directories: [{path: pub/linux/a, changed_at: '2026-11-20T01:00:00+01:00'}]",
         "    changed_at: 2026-11-19T12:00:00Z → 2026-11-20T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_difference_is_a_line(text, line) -> None:
    (found,) = lines(plan(HEAD + text, BASE + STATE))
    assert found.splitlines()[1:] == [line]


def test_replace_removes_from_the_lists_of_the_file_only() -> None:
    text = HEAD + "hosts: [{site: Site, name: h, netblocks: []}]\nsites: [{name: Site}]"
    assert lines(plan(text, BASE)) == []
    assert lines(plan(text, BASE, replace=True)) == [
        "- netblock Site / h / 192.0.2.0/24  (The file has this list, and it is not in it.)"
    ]


def test_built_in_countries_are_never_removed() -> None:
    assert lines(plan(HEAD + "countries: []", BASE, replace=True)) == []


def test_what_belongs_to_a_removed_object_goes_with_it() -> None:
    drawn = plan(HEAD + "sites: []", BASE, replace=True)
    assert [(change.record.kind.name, change.reason) for change in drawn.of(Action.REMOVE)] == [
        ("site", ChangeReason.NOT_IN_FILE),
        ("site_admin", ChangeReason.GOES_WITH),
        ("host", ChangeReason.GOES_WITH),
        ("host_netblock", ChangeReason.GOES_WITH),
        ("host_category", ChangeReason.GOES_WITH),
        ("host_category_url", ChangeReason.GOES_WITH),
    ]
    (sponsor,) = drawn.of(Action.CHANGE)
    assert sponsor.reason is ChangeReason.REFERENCE_REMOVED
    assert sponsor.fields == {"site": (("site",), None)}
    assert drawn.of(Action.REMOVE)[2].sentence == (
        "It cannot stay without the Site, which is removed."
    )


def test_a_reference_that_the_file_leaves_alone_is_cleared_with_its_object() -> None:
    text = HEAD + "sponsors: []\nhosts: [{site: Site, name: h}]"
    (host,) = plan(text, BASE, replace=True).of(Action.CHANGE)
    assert host.fields == {"sponsor": (("Sponsor",), None)}
    assert host.record.values["sponsor"] is None


def test_what_is_still_needed_cannot_be_removed() -> None:
    drawn = plan(HEAD + "products: []\narches: []", BASE + STATE, replace=True)
    assert sentences(drawn) == [
        "The Product “Fedora” would be removed, but Category Linux needs it.",
        "The Arch “x86_64” would be removed, but Repository pub/linux/a needs it.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hosts: [{site: Site, name: x, country: XX}]",
         "hosts[0].country: “XX” is no country of this file or of the database."),
        ("hosts: [{site: Sit, name: x, country: DE}]",
         "hosts[0].site: “sit” is no Site of this file or of the database. Did you mean “site”?"),
        ("hosts: [{site: Site, name: h, countries_allowed: [XX]}]",
         "hosts[0].countries_allowed[0]: “XX” is no country of this file or of the database."),
        ("repositories: [{directory: pub/linux/a, version: [Fedora, '9']}]",
         "repositories[0].version: “Fedora / 9” is no Version of this file or of the database."),
        ("hosts: [{site: Site, name: x}]", "hosts[0].country: The Host is new and has no country."),
        ("categories: [{name: New, top_directory: pub/linux}]",
         "categories[0].top_directory: “pub/linux” belongs to Category Linux already;"
         " only one Category may have it."),
        ("hosts: [{site: Site, name: x, country: DE, categories: [{category: Linux,"
         " urls: [{url: 'https://h.example/linux/'}]}]}]",
         "hosts[0].categories[0].urls[0].url: “https://h.example/linux” belongs to"
         " HostCategoryUrl Site / h / Linux / https://h.example/linux already;"
         " only one HostCategoryUrl may have it."),
        ("repositories: [{directory: pub/linux/b, category: Linux, prefix: f42, arch: x86_64}]",
         "repositories[0].prefix: “f42” / “x86_64” belongs to Repository pub/linux/a already;"
         " only one Repository may have it."),
        ("directories: [{path: etc/x, category: Linux, changed_at: '2026-11-19T12:00:00Z',"
         " files: []}]",
         "directories[0].path: “etc/x” is not below “pub/linux”, the top directory of"
         " Category Linux."),
        ("directories: [{path: pub/x, category: Linus, changed_at: '2026-11-19T12:00:00Z',"
         " files: []}]",
         "directories[0].category: “Linus” is no Category of this file or of the database."
         " Did you mean “Linux”?"),
        ("hosts: [{site: Site, name: h, categories: [{category: Linux, up2date: [pub/zzz]}]}]",
         "hosts[0].categories[0].up2date: “pub/zzz” is no Directory of this file or of the"
         " database."),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_database_is_said_with_its_place(text, sentence) -> None:
    assert sentences(plan(HEAD + text, BASE + STATE)) == [sentence]


def test_among_very_many_names_none_is_guessed(monkeypatch) -> None:
    text = HEAD + "hosts: [{site: Sit, name: x, country: DE}]"
    assert "Did you mean" in sentences(plan(text, BASE))[0]
    monkeypatch.setattr(planning, "GUESSED_FROM", 0)
    assert sentences(plan(text, BASE)) == [
        "hosts[0].site: “sit” is no Site of this file or of the database."
    ]


def test_repositories_without_a_prefix_share_nothing() -> None:
    text = "repositories: [{directory: pub/linux/b, category: Linux, prefix: '', arch: x86_64}]"
    drawn = plan(HEAD + text, BASE + STATE.replace("prefix: f42", "prefix: ''"))
    assert lines(drawn) == ["+ Repository pub/linux/b"]


def test_a_site_admin_without_an_account_is_left_out_and_noted() -> None:
    drawn = plan(HEAD + "sites: [{name: Site, admins: [cara, ben]}]", BASE)
    assert lines(drawn) == []
    assert drawn.notes == [
        "sites[0].admins[0]: there is no user “cara” yet, so the SiteAdmin is left out; "
        "import again once the account exists."
    ]


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("all", [1, 2]),
        ("[pub/linux/c]", [3]),
        ("{all_except: [pub/linux/a]}", [2]),
        ("[pub/linux/a]", None),
    ],
)
def test_up2date_sets_are_compared_as_sets_of_directories(words, after) -> None:
    def carry(words: str) -> str:
        host = "{site: Site, name: h, country: DE, categories: [{category: Linux, up2date: "
        return HEAD + f"hosts: [{host}{words}}}]}}]"

    current = BASE.split("hosts:")[0] + STATE + carry("all").removeprefix(HEAD)
    changes = plan(carry(words), current).of(Action.CHANGE)
    wanted = [change.fields["up2date"] for change in changes]
    assert wanted == ([] if after is None else [(BitMap([1]), BitMap(after))])


def test_new_directories_get_numbers_above_all_ids() -> None:
    text = BASE.replace("category: Linux, ", "category: Linux, up2date: all, ") + STATE
    drawn = plan(text, HEAD)
    assert drawn.catalog.provisional == {
        1: ("pub/linux/a",), 2: ("pub/linux/b",), 3: ("pub/linux/c",)
    }  # fmt: skip
    (carried,) = [each for each in drawn.changes if each.record.kind.name == "host_category"]
    assert carried.record.values["up2date"] == BitMap([1, 2])


def test_changes_are_told_as_json_and_in_a_sentence() -> None:
    drawn = plan(HEAD + "sites: [{name: Site, private: true}, {name: New}]", BASE)
    changes = [change for change in drawn.changes if change.action is not Action.KEEP]
    assert event_sentence(changes, source="n.yaml") == (
        "Imported from “n.yaml”: 1 × Site changed, 1 × Site added."
    )
    assert change_facts(changes[0]) == {
        "action": "change",
        "kind": "site",
        "key": "Site",
        "reason": "different",
        "sentence": "The file has another private.",
        "fields": {"private": ["no", "yes"]},
    }

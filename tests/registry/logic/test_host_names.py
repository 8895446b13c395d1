import pytest

from registry.logic.host_names import mixed_scripts, normalize_host_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" Mirror.Example.ORG. ", "mirror.example.org"),
        ("localhost", "localhost"),
        ("_http.mirror-1.example.org", "_http.mirror-1.example.org"),
        ("spiegel.münchen.example", "spiegel.xn--mnchen-3ya.example"),
        ("Straße.example", "xn--strae-oqa.example"),
        ("зеркало.пример", "xn--80ajfngsk.xn--e1afmkfd"),
        ("ミラーmirror漢字.example", "xn--mirror-v04eyctil154bqrzb.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
    ],
)
def test_names_have_one_spelling(text: str, name: str) -> None:
    assert normalize_host_name(text) == name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Give the name"),
        ("a b.example", "not the name of a host"),
        ("a\0.example", "not the name of a host"),
        ("gro.elpmaxe\u202e", "not the name of a host"),
        ("x" * 2000, "not the name of a host"),
        ("<script>.example", "not the name of a host"),
        ("-a.example", "not the name of a host"),
        ("a..example", "not the name of a host"),
        (f"{'a' * 64}.example", "not the name of a host"),
        (".".join(["abcdefgh"] * 30), "not the name of a host"),
        ("2130706433", "not the name of a host"),
        ("127.0.1", "not the name of a host"),
        ("fe80::1%eth0", "Leave out the interface"),
        ("a☃\u2488.example", "contains what no host name may contain"),
        ("xn--999999999.example", "not a valid name in another script"),
        ("xn--a.example", "not a valid name in another script"),
        ("mirror.exаmple.org", "mixes letters of Cyrillic and Latin"),
        ("xn--exmple-4nf.org", "mixes letters of Cyrillic and Latin"),
    ],
)
def test_what_is_no_name_or_imitates_one_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        normalize_host_name(text)


@pytest.mark.parametrize(
    ("word", "scripts"),
    [
        ("mirror-1", ()),
        ("größe", ()),
        ("漢字かなカナabc", ()),
        ("漢字한글", ()),
        ("αlpha", ("Greek", "Latin")),
        ("かな한글", ("Hangul", "Hiragana")),
        ("12-34", ()),
    ],
)
def test_only_scripts_that_people_write_together_are_together(
    word: str, scripts: tuple[str, ...]
) -> None:
    assert mixed_scripts(word) == scripts

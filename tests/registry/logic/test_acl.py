from registry.logic.acl import sort_addresses


def test_addresses_come_once_in_numeric_order() -> None:
    given = ["2001:db8::10", "198.51.100.10", "198.51.100.9", "2001:db8::9", "198.51.100.9"]
    assert sort_addresses(given) == (
        "198.51.100.9",
        "198.51.100.10",
        "2001:db8::9",
        "2001:db8::10",
    )

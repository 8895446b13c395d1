import json

import pytest

from registry.logic.cloud_ranges import (
    GREATEST_RANGES,
    PROVIDERS,
    RangeReason,
    Ranges,
    parse_regions,
    plan_ranges,
    read_ranges,
)

AWS = {
    "prefixes": [
        {"ip_prefix": "3.4.0.0/17", "region": "eu-west-1", "service": "EC2"},
        {"ip_prefix": "3.4.128.0/17", "region": "eu-west-1", "service": "EC2"},
        {"ip_prefix": "5.6.0.0/16", "region": "us-east-1", "service": "EC2"},
        {"ip_prefix": "7.8.0.0/16", "region": "GLOBAL", "service": "CLOUDFRONT"},
    ],
    "ipv6_prefixes": [
        {"ipv6_prefix": "2a05:d018::/36", "region": "eu-west-1", "service": "EC2"},
        {"ipv6_prefix": "2a05:d01c::/36", "region": "eu-west-2", "service": "EC2"},
    ],
}
GOOGLE = {
    "prefixes": [
        {"ipv4Prefix": "34.1.208.0/20", "service": "Google Cloud", "scope": "africa-south1"},
        {"ipv6Prefix": "2600:1900::/44", "service": "Google Cloud", "scope": "us-east1"},
    ]
}
AZURE = {
    "values": [
        {
            "name": "AzureCloud.westeurope",
            "properties": {
                "region": "westeurope",
                "systemService": "",
                "addressPrefixes": ["13.69.0.0/17", "2603:1020:206::/48"],
            },
        },
        {
            "name": "Storage.WestEurope",
            "properties": {
                "region": "westeurope",
                "systemService": "AzureStorage",
                "addressPrefixes": ["13.70.0.0/24"],
            },
        },
    ]
}
ORACLE = {
    "regions": [
        {
            "region": "eu-frankfurt-1",
            "cidrs": [
                {"cidr": "130.61.0.0/16", "tags": ["OCI"]},
                {"cidr": "134.70.40.0/21", "tags": ["OSN", "OBJECT_STORAGE"]},
            ],
        }
    ]
}
DIGITALOCEAN = "5.101.104.0/22,NL,NL-NH,Amsterdam,1105\n\n2400:6180::/48,SG,SG-05,Singapore,62\n"
LINES = "# ours\n9.9.9.0/24 # a comment\n\n2620:fe::/48\n"


@pytest.mark.parametrize(
    ("provider", "document", "regions", "service", "networks"),
    [
        ("aws", AWS, "eu-west-1", "", {"3.4.0.0/16", "2a05:d018::/36"}),
        ("aws", AWS, "EU-West-2, us-east-1", "", {"5.6.0.0/16", "2a05:d01c::/36"}),
        ("aws", AWS, "", "cloudfront", {"7.8.0.0/16"}),
        ("aws", AWS, "nowhere", "", set()),
        ("google", GOOGLE, "us-east1", "", {"2600:1900::/44"}),
        ("google", GOOGLE, "", "Google Cloud", {"34.1.208.0/20", "2600:1900::/44"}),
        ("azure", AZURE, "westeurope", "", {"13.69.0.0/17", "2603:1020:206::/48"}),
        ("azure", AZURE, "", "AzureStorage", {"13.70.0.0/24"}),
        ("oracle", ORACLE, "eu-frankfurt-1", "", {"130.61.0.0/16"}),
        ("oracle", ORACLE, "", "OBJECT_STORAGE", {"134.70.40.0/21"}),
        ("digitalocean", DIGITALOCEAN, "", "", {"5.101.104.0/22", "2400:6180::/48"}),
        ("digitalocean", DIGITALOCEAN, "sg-05", "", {"2400:6180::/48"}),
        ("digitalocean", DIGITALOCEAN, "NL", "", {"5.101.104.0/22"}),
        ("list", LINES, "", "", {"9.9.9.0/24", "2620:fe::/48"}),
    ],
)
def test_each_provider_is_read_by_region_and_service(
    provider: str, document: object, regions: str, service: str, networks: set[str]
) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    found = read_ranges(provider, text, regions=regions, service=service)
    assert (set(found.networks), found.wrong) == (networks, 0)


@pytest.mark.parametrize("provider", ["aws", "google", "azure", "oracle"])
@pytest.mark.parametrize(
    "text",
    [
        "", "<html>", "[]", "{}", "null", "7", '{"prefixes": 7, "values": 7, "regions": 7}',
        '{"prefixes": ["x"], "values": ["x"], "regions": ["x"], "ipv6_prefixes": []}',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_another_document_is_refused(provider: str, text: str) -> None:
    with pytest.raises(ValueError, match="The document is not what this provider publishes"):
        read_ranges(provider, text)


def test_entries_that_are_no_network_of_the_internet_are_left_out_and_counted() -> None:
    found = read_ranges("list", "10.0.0.0/8\nnonsense\n9.9.9.0/24\n0.0.0.0/0\n")
    assert (set(found.networks), found.wrong) == ({"9.9.9.0/24"}, 3)


def test_regions_are_names_between_commas_or_blanks() -> None:
    assert parse_regions(" A-1,b-2  c ,") == {"a-1", "b-2", "c"}


def test_every_provider_has_an_address_or_needs_one() -> None:
    assert {name for name, row in PROVIDERS.items() if not row.url} == {"azure", "list"}


TWO = {"9.9.8.0/24", "9.9.9.0/24"}


@pytest.mark.parametrize(
    ("networks", "own", "others", "reason", "add", "remove"),
    [
        (TWO, (), (), RangeReason.CHANGED, ("9.9.8.0/24", "9.9.9.0/24"), ()),
        (TWO, TWO, (), RangeReason.SAME, (), ()),
        (TWO, (), {"9.9.9.0/24"}, RangeReason.CHANGED, ("9.9.8.0/24",), ()),
        (TWO, TWO, {"9.9.9.0/24"}, RangeReason.CHANGED, (), ("9.9.9.0/24",)),
        ({"9.9.8.0/24"}, TWO, (), RangeReason.CHANGED, (), ("9.9.9.0/24",)),
        ({"8.8.8.0/24"}, TWO, (), RangeReason.LOST_MUCH, (), ()),
        ({"9.9.8.0/23"}, TWO, (), RangeReason.CHANGED, ("9.9.8.0/23",), tuple(sorted(TWO))),
        (set(), TWO, (), RangeReason.EMPTY, (), ()),
        (
            {f"9.{n >> 8}.{n & 255}.0/24" for n in range(GREATEST_RANGES + 1)},
            (),
            (),
            RangeReason.TOO_MANY,
            (),
            (),
        ),
    ],
    ids=["new", "same", "by hand", "by hand later", "gone", "lost", "merged", "empty", "many"],
)
def test_what_a_list_changes(networks, own, others, reason, add, remove) -> None:
    plan = plan_ranges(
        Ranges(frozenset(networks), 0),
        own=own,
        others=others,
        greatest_loss_percent=50,
        force=False,
    )
    assert (plan.reason, plan.add, plan.remove) == (reason, add, remove)
    assert plan.refused == (
        reason in {RangeReason.EMPTY, RangeReason.LOST_MUCH, RangeReason.TOO_MANY}
    )


def test_force_believes_a_loss_but_never_an_empty_list() -> None:
    def plan(networks: set[str]) -> RangeReason:
        found = Ranges(frozenset(networks), 0)
        return plan_ranges(found, own=TWO, others=(), greatest_loss_percent=50, force=True).reason

    assert plan({"8.8.8.0/24"}) is RangeReason.FORCED
    assert plan(set()) is RangeReason.EMPTY


def test_the_sentences_have_the_numbers() -> None:
    found = Ranges(frozenset({"8.8.8.0/24"}), 0)
    lost = plan_ranges(found, own=TWO, others=(), greatest_loss_percent=50, force=False)
    assert lost.sentence == (
        "2 of 2 netblocks would go, which is more than 50 percent. If that is right, force it."
    )
    forced = plan_ranges(found, own=TWO, others=(), greatest_loss_percent=50, force=True)
    assert forced.sentence == "1 netblock added, 2 removed."

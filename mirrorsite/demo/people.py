"""Who runs the demo's mirrors, and where: invented organizations in real places, as data."""

from dataclasses import dataclass

from mirrorsite.demo.tree import EPEL, FEDORA


@dataclass(frozen=True)
class DemoSite:
    """An organization of the demo."""

    name: str
    url: str
    pending: bool = False


@dataclass(frozen=True)
class DemoHost:
    """One server. `mirror` names what really answers for it; a pending one has nothing yet."""

    site: str
    name: str
    country: str
    latitude: float
    longitude: float
    bandwidth_mbps: int
    asn: int
    comment: str
    mirror: str = ""
    categories: tuple[str, ...] = ()
    netblocks: tuple[tuple[str, str], ...] = ()

    @property
    def private(self) -> bool:
        return bool(self.netblocks)


@dataclass(frozen=True)
class DemoCategory:
    """A tree of the master, with its Product, its Versions and the shipped rules for it."""

    name: str
    product: str
    top_directory: str
    versions: tuple[str, ...]
    rules: str


CATEGORIES = (
    DemoCategory("Fedora Linux", "Fedora", FEDORA, ("42", "43"), "fedora"),
    DemoCategory("Fedora EPEL", "EPEL", EPEL, ("9",), "epel"),
)

SITES = (
    DemoSite("Elbe University", "https://elbe-university.example/"),
    DemoSite("Rhône Internet", "https://rhone-internet.example/"),
    DemoSite("Prairie College", "https://prairie-college.example/"),
    DemoSite("Isar Institute", "https://isar-institute.example/"),
    DemoSite("Kamo Networks", "https://kamo-networks.example/", pending=True),
)

BOTH = ("Fedora Linux", "Fedora EPEL")
HOSTS = (
    DemoHost(
        site="Elbe University",
        name="ftp.elbe-university.example",
        country="DE",
        latitude=51.05,
        longitude=13.74,
        bandwidth_mbps=20_000,
        asn=64496,
        comment="The good one: it follows the master at once.",
        mirror="good",
        categories=BOTH,
    ),
    DemoHost(
        site="Rhône Internet",
        name="miroir.rhone-internet.example",
        country="FR",
        latitude=45.76,
        longitude=4.84,
        bandwidth_mbps=10_000,
        asn=64497,
        comment="The stale one: it stopped copying before the first update.",
        mirror="stale",
        categories=BOTH,
    ),
    DemoHost(
        site="Prairie College",
        name="mirror.prairie-college.example",
        country="US",
        latitude=41.26,
        longitude=-95.94,
        bandwidth_mbps=1_000,
        asn=64498,
        comment="The broken one: most of the tree is missing.",
        mirror="broken",
        categories=BOTH[:1],
    ),
    DemoHost(
        site="Isar Institute",
        name="mirror.intern.isar-institute.example",
        country="DE",
        latitude=48.14,
        longitude=11.58,
        bandwidth_mbps=40_000,
        asn=64499,
        comment="The private one: only its own networks are sent to it, and it reports itself.",
        mirror="private",
        categories=BOTH[:1],
        netblocks=(("127.0.0.64/26", "Machine room"), ("192.0.2.0/24", "Campus")),
    ),
    DemoHost(
        site="Elbe University",
        name="ftp2.elbe-university.example",
        country="DE",
        latitude=51.03,
        longitude=13.73,
        bandwidth_mbps=10_000,
        asn=64496,
        comment="A second server; it waits for an operator.",
    ),
    DemoHost(
        site="Kamo Networks",
        name="ftp.kamo-networks.example",
        country="JP",
        latitude=35.01,
        longitude=135.77,
        bandwidth_mbps=10_000,
        asn=64500,
        comment="The first Host of a Site that waits for an operator, too.",
    ),
)
# Clients of the demo come from loopback; somewhere they have to be.
CLIENT_NETBLOCKS = (("127.0.0.0/8", "DE"), ("198.51.100.0/24", "FR"), ("203.0.113.0/24", "JP"))

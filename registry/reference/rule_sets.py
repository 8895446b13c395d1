"""The rule sets that come with Mirrorsite: which there are, and for which Categories.

Each is a network file in `rules/` whose mapping rules name no Category; whoever adds it says which.
"""

from pathlib import Path
from typing import NamedTuple

RULES = Path(__file__).parent / "rules"


class RuleSet(NamedTuple):
    """One shipped set; `categories` are the names under which such trees are known."""

    name: str
    title: str
    categories: tuple[str, ...]

    def read(self) -> bytes:
        """Return the network file with its rules."""
        return (RULES / f"{self.name}.yaml").read_bytes()


RULE_SETS = (
    RuleSet(
        "fedora",
        "Fedora Linux, secondary architectures and archive",
        ("Fedora Linux", "Fedora Secondary Arches", "Fedora Archive"),
    ),
    RuleSet("epel", "Extra Packages for Enterprise Linux", ("Fedora EPEL", "EPEL")),
    RuleSet("eln", "Fedora ELN", ("Fedora ELN",)),
    RuleSet("fedora-codecs", "Fedora codecs (OpenH264)", ("Fedora Codecs",)),
    RuleSet("fedora-other", "Fedora Other: no Repositories", ("Fedora Other",)),
    RuleSet("centos-stream", "CentOS Stream with its SIGs", ("CentOS Stream",)),
    RuleSet("centos-sigs", "CentOS SIGs in a tree of their own", ("CentOS SIGs",)),
    RuleSet("centos", "CentOS Linux up to 7", ("CentOS",)),
    RuleSet("rpmfusion", "RPM Fusion as one tree", ("RPM Fusion",)),
    RuleSet("rpmfusion-free-el", "RPM Fusion free, Enterprise Linux", ("RPMFUSION free EL",)),
    RuleSet("rpmfusion-free-fedora", "RPM Fusion free, Fedora", ("RPMFUSION free Fedora",)),
    RuleSet(
        "rpmfusion-nonfree-el", "RPM Fusion nonfree, Enterprise Linux", ("RPMFUSION nonfree EL",)
    ),
    RuleSet(
        "rpmfusion-nonfree-fedora", "RPM Fusion nonfree, Fedora", ("RPMFUSION nonfree Fedora",)
    ),
    RuleSet("rhel", "Red Hat Enterprise Linux", ("RHEL",)),
    RuleSet("rocky", "Rocky Linux", ("Rocky Linux", "Rocky")),
    RuleSet("almalinux", "AlmaLinux", ("AlmaLinux",)),
    RuleSet("opensuse", "openSUSE Leap and Tumbleweed", ("openSUSE",)),
)

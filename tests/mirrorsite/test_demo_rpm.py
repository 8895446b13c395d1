import gzip
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring

from mirrorsite.demo.repodata import RPM, write_repodata
from mirrorsite.demo.rpm import Package, Spec, write_package

LOCATION = "Packages/h/hello-2.12-1.x86_64.rpm"
RELEASED_AT = 1_700_000_000


def hello(**over: object) -> Spec:
    values: dict[str, object] = {
        "name": "hello",
        "version": "2.12",
        "release": "1",
        "arch": "x86_64",
        "summary": "A greeting & more",
        "description": "Says hello.\nTo the world.",
        "built_at": RELEASED_AT,
        "files": {"/usr/share/doc/hello/README": "Hello.\n", "/usr/share/hello/ä.txt": "ä"},
    }
    return Spec(**values | over)  # type: ignore[arg-type]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one package, written by us."""
    package = write_package(hello())
    (tmp_path / LOCATION).parent.mkdir(parents=True)
    (tmp_path / LOCATION).write_bytes(package.data)
    repodata = write_repodata({LOCATION: package}, published_at=RELEASED_AT)
    (tmp_path / "repodata").mkdir()
    for name, data in [*repodata.files.items(), ("repomd.xml", repodata.repomd)]:
        (tmp_path / "repodata" / name).write_bytes(data)
    return tmp_path


def output(*command: str | Path) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def primary_of(repository: Path) -> ET.Element:
    (path,) = (repository / "repodata").glob("*primary.xml.gz")
    return fromstring(gzip.decompress(path.read_bytes()))


def test_equal_specs_give_equal_bytes_and_others_do_not() -> None:
    assert write_package(hello()).data == write_package(hello()).data
    assert write_package(hello()).data != write_package(hello(version="2.13")).data


def test_the_header_lies_where_the_metadata_will_say() -> None:
    package: Package = write_package(hello())
    assert package.data[package.header_start :][:4] == bytes.fromhex("8eade801")
    archive = gzip.decompress(package.data[package.header_end :])
    assert len(archive) == package.archive_bytes
    assert b"Hello.\n" in archive


@pytest.mark.needs("rpm")
def test_rpm_reads_the_package_and_finds_every_digest_right(repository: Path) -> None:
    facts = output("rpm", "-qip", repository / LOCATION)
    assert "Summary     : A greeting & more" in facts
    assert "Source RPM  : hello-2.12-1.src.rpm" in facts
    checks = output("rpm", "-K", "-v", repository / LOCATION)
    assert checks.count("digest: OK") == 4
    assert "hello(x86-64) = 2.12-1" in output("rpm", "-qp", "--provides", repository / LOCATION)


@pytest.mark.needs("rpm")
def test_rpm_notices_a_changed_byte(repository: Path) -> None:
    data = bytearray((repository / LOCATION).read_bytes())
    data[-9] ^= 1
    (repository / LOCATION).write_bytes(data)
    ran = subprocess.run(["rpm", "-K", repository / LOCATION], capture_output=True, check=False)
    assert ran.returncode != 0


@pytest.mark.needs("rpm2cpio")
def test_the_payload_holds_the_files(repository: Path) -> None:
    archive = subprocess.run(
        ["rpm2cpio", repository / LOCATION], capture_output=True, check=True
    ).stdout
    assert b"./usr/share/doc/hello/README\0" in archive
    assert "ä".encode() in archive


@pytest.mark.needs("createrepo_c")
def test_createrepo_c_describes_the_package_as_we_do(repository: Path, tmp_path: Path) -> None:
    ours = primary_of(repository)
    output("createrepo_c", "--quiet", "--general-compress-type=gz", "--no-database", repository)
    theirs = primary_of(repository)
    for document in (ours, theirs):
        for time in document.iter("{http://linux.duke.edu/metadata/common}time"):
            time.set("file", "whenever")
    assert ET.canonicalize(ET.tostring(ours), strip_text=True) == ET.canonicalize(
        ET.tostring(theirs), strip_text=True
    )


def test_requires_that_only_rpm_itself_meets_are_not_in_the_metadata(repository: Path) -> None:
    assert primary_of(repository).find(f".//{{{RPM}}}requires") is None


@pytest.mark.needs("dnf")
def test_dnf_installs_the_package(repository: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    output(
        *("dnf", "--quiet", "--assumeyes", "--installroot", root, "--releasever=42"),
        *("--disableplugin=*", "--nogpgcheck", "--forcearch=x86_64", "--repo=demo"),
        *(f"--repofrompath=demo,file://{repository}", f"--setopt=reposdir={tmp_path}/none"),
        *(f"--setopt=cachedir={tmp_path}/cache", f"--setopt=logdir={tmp_path}"),
        *("install", "hello"),
    )
    assert (root / "usr/share/doc/hello/README").read_text() == "Hello.\n"
    assert output("rpm", "--root", root, "--verify", "hello") == ""

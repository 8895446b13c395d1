"""Write the metadata of an RPM repository: primary, filelists, other and repomd.xml.

Knows the format that dnf and zypper read and createrepo_c writes. Equal input gives equal bytes.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from mirrorsite.demo.rpm import Package, Spec

COMMON = "http://linux.duke.edu/metadata/common"
FILELISTS = "http://linux.duke.edu/metadata/filelists"
OTHER = "http://linux.duke.edu/metadata/other"
REPO = "http://linux.duke.edu/metadata/repo"
RPM = "http://linux.duke.edu/metadata/rpm"


@dataclass(frozen=True)
class Repodata:
    """The files of a `repodata` directory. `repomd` must be published last: it names the others."""

    files: Mapping[str, bytes]
    repomd: bytes


def write_repodata(packages: Mapping[str, Package], *, published_at: int) -> Repodata:
    """Return the metadata of packages, which are keyed by their path in the repository.

    `published_at` is in Unix seconds. The names of the files begin with their digest, so that old
    and new metadata can lie side by side while somebody still reads the old.
    """
    documents = {
        "primary": _primary(packages, published_at=published_at),
        "filelists": _filelists(packages),
        "other": _other(packages),
    }
    repomd = ET.Element("repomd", {"xmlns": REPO, "xmlns:rpm": RPM})
    _text(repomd, "revision", published_at)
    files = {}
    for kind, document in documents.items():
        opened = _to_bytes(document)
        packed = gzip.compress(opened, mtime=0)
        name = f"{_sha256(packed)}-{kind}.xml.gz"
        files[name] = packed
        data = ET.SubElement(repomd, "data", {"type": kind})
        _text(data, "checksum", _sha256(packed), type="sha256")
        _text(data, "open-checksum", _sha256(opened), type="sha256")
        ET.SubElement(data, "location", {"href": f"repodata/{name}"})
        _text(data, "timestamp", published_at)
        _text(data, "size", len(packed))
        _text(data, "open-size", len(opened))
    return Repodata(files, _to_bytes(repomd))


def _primary(packages: Mapping[str, Package], *, published_at: int) -> ET.Element:
    root = ET.Element(
        "metadata", {"xmlns": COMMON, "xmlns:rpm": RPM, "packages": str(len(packages))}
    )
    for location, package in sorted(packages.items()):
        spec = package.spec
        element = ET.SubElement(root, "package", {"type": "rpm"})
        _text(element, "name", spec.name)
        _text(element, "arch", spec.arch)
        _version(element, spec)
        _text(element, "checksum", _sha256(package.data), type="sha256", pkgid="YES")
        _text(element, "summary", spec.summary)
        _text(element, "description", spec.description)
        _text(element, "packager", "")
        _text(element, "url", spec.url)
        ET.SubElement(element, "time", {"file": str(published_at), "build": str(spec.built_at)})
        sizes = (len(package.data), spec.installed_bytes, package.archive_bytes)
        names = ("package", "installed", "archive")
        ET.SubElement(element, "size", dict(zip(names, map(str, sizes), strict=True)))
        ET.SubElement(element, "location", {"href": location})
        _format(element, package)
    return root


def _format(parent: ET.Element, package: Package) -> None:
    spec = package.spec
    element = ET.SubElement(parent, "format")
    _text(element, "rpm:license", spec.license)
    _text(element, "rpm:vendor", spec.vendor)
    _text(element, "rpm:group", "Unspecified")
    _text(element, "rpm:buildhost", spec.build_host)
    _text(element, "rpm:sourcerpm", spec.source)
    span = {"start": str(package.header_start), "end": str(package.header_end)}
    ET.SubElement(element, "rpm:header-range", span)
    provides = ET.SubElement(element, "rpm:provides")
    evr = {"flags": "EQ", "epoch": "0", "ver": spec.version, "rel": spec.release}
    for name in spec.provides:
        ET.SubElement(provides, "rpm:entry", {"name": name, **evr})


def _filelists(packages: Mapping[str, Package]) -> ET.Element:
    root = ET.Element("filelists", {"xmlns": FILELISTS, "packages": str(len(packages))})
    for _, package in sorted(packages.items()):
        element = _package_by_id(root, package)
        for path in sorted(package.spec.files):
            _text(element, "file", path)
    return root


def _other(packages: Mapping[str, Package]) -> ET.Element:
    root = ET.Element("otherdata", {"xmlns": OTHER, "packages": str(len(packages))})
    for _, package in sorted(packages.items()):
        _package_by_id(root, package)
    return root


def _package_by_id(parent: ET.Element, package: Package) -> ET.Element:
    spec = package.spec
    identity = {"pkgid": _sha256(package.data), "name": spec.name, "arch": spec.arch}
    element = ET.SubElement(parent, "package", identity)
    _version(element, spec)
    return element


def _version(parent: ET.Element, spec: Spec) -> None:
    ET.SubElement(parent, "version", {"epoch": "0", "ver": spec.version, "rel": spec.release})


def _text(parent: ET.Element, tag: str, text: object, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = str(text)


def _to_bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root) + b"\n"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

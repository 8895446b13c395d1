"""Certificates of our own making for servers and for the clients that trust them."""

import ssl
import subprocess
from pathlib import Path

AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = names
x509_extensions = extensions
[names]
commonName = supplied
[extensions]
basicConstraints = CA:true
subjectAltName = {name}
"""
LATE, EARLY = "20991231000000Z", "20200201000000Z"


def make_certificate(folder: Path, name: str, end: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server and of a client that trusts who signed its certificate."""
    folder.mkdir(exist_ok=True)
    (folder / "index").write_text("")
    (folder / "serial").write_text("01")
    (folder / "ca.conf").write_text(AUTHORITY.format(folder=folder, name=name))
    new = "openssl req -new -nodes -newkey rsa:2048 -subj /CN=m -keyout key -out request"
    sign = "openssl ca -selfsign -batch -config ca.conf -keyfile key -in request -out certificate"
    times = f" -startdate 20200101000000Z -enddate {end}"
    for command in (new, sign + times):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    certificate = str(folder / "certificate")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, folder / "key")
    return server, ssl.create_default_context(cafile=certificate)

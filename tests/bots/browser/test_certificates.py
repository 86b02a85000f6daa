"""A company's own authority, and sites that want a certificate. Apart from the other tests: Playwright learns of an
authority when it starts."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.failures import Failure
from tests.bots.browser.site import serving
from tests.bots.fakes import Doing

pytestmark = pytest.mark.skipif(
    not (shutil.which("certutil") and shutil.which("openssl")),
    reason="certutil (Debian: libnss3-tools) or openssl is not installed",
)


def _signed(folder: Path, name: str, issuer: str, *extension: str) -> None:
    """A key and a certificate by the authority in `folder`."""
    subject = ["-subj", f"/CN={name}", "-keyout", f"{name}.key", "-nodes", "-newkey", "rsa:2048"]
    ca = [] if issuer == name else ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"]
    added = [word for one in extension for word in ("-addext", one)]
    command = ["openssl", "req", "-x509", *subject, *ca, "-out", f"{name}.pem", "-days", "2", *added]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    _signed(folder, "authority", "authority", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
    _signed(folder, "server", "authority", "subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth")
    _signed(folder, "client", "authority", "extendedKeyUsage=clientAuth")
    return folder


def _tls(folder: Path, *, client: bool) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "server.pem", folder / "server.key")
    if client:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(folder / "authority.pem")
    return tls


def test_an_authority_that_nobody_named(make: Callable[..., Doing], certificates: Path) -> None:
    with serving(_tls(certificates, client=False)) as site:
        with pytest.raises(Failure) as caught:
            make()("browser.open", f"{site}/form.html")
        assert caught.value.code == "certificate-refused"


def test_the_companys_own_authority_when_named(make: Callable[..., Doing], certificates: Path) -> None:
    with serving(_tls(certificates, client=False)) as site:
        do = make(browser={"ca_file": str(certificates / "authority.pem")})
        do("browser.open", f"{site}/form.html")
        assert do.bot.sees({"label": "Invoice number"})
        assert do("browser.fetch", "/api/me")["path"] == "/api/me"


def test_a_site_that_wants_a_certificate(make: Callable[..., Doing], certificates: Path) -> None:
    with serving(_tls(certificates, client=True)) as site:
        ca = {"ca_file": str(certificates / "authority.pem")}
        files = {"cert_file": str(certificates / "client.pem"), "key_file": str(certificates / "client.key")}
        with pytest.raises(Failure):
            make(browser=ca)("browser.open", f"{site}/form.html")
        do = make(browser={**ca, "client_certificates": [{"origin": site, **files}]})
        do("browser.open", f"{site}/form.html")
        assert do.bot.sees({"label": "Invoice number"})

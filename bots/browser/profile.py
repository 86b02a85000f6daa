"""Settings as the options of a browser context."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bots.browser.settings import BasicAuth, BrowserSettings, ClientCertificate


def context_options(settings: BrowserSettings, auth: BasicAuth | None) -> dict[str, Any]:
    """What `Browser.new_context` gets. `auth`: whom one site is told by itself, in its settings or by a flow."""
    size = {"width": settings.width, "height": settings.height}
    options: dict[str, Any] = {"viewport": size, "accept_downloads": True}
    named = {"locale": settings.locale, "timezone_id": settings.timezone, "user_agent": settings.user_agent}
    options |= {name: value for name, value in named.items() if value}
    if auth is not None:
        options["http_credentials"] = {
            "origin": auth.origin,
            "username": auth.user if isinstance(auth.user, str) else auth.user.reveal(),
            "password": auth.password.reveal(),
        }
    if settings.place:
        options["geolocation"] = settings.place.model_dump()
    permissions = [*settings.permissions, *(["geolocation"] if settings.place else [])]
    if permissions:
        options["permissions"] = permissions
    if settings.client_certificates:
        options["client_certificates"] = [_certificate(c) for c in settings.client_certificates]
    if settings.hosts:
        options["service_workers"] = "block"
    return options


def _certificate(certificate: ClientCertificate) -> dict[str, Any]:
    names = {"cert_file": "certPath", "key_file": "keyPath", "pfx_file": "pfxPath"}
    out: dict[str, Any] = {"origin": certificate.origin}
    for ours, theirs in names.items():
        path = getattr(certificate, ours)
        if path is not None:
            out[theirs] = str(Path(path).expanduser())
    if certificate.passphrase:
        out["passphrase"] = certificate.passphrase.reveal()
    return out

"""The channels of a message: mail, chat, file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from rpa.app.secrets import secret_source
from rpa.schedule.manifest import Notify
from rpa.settings import Settings

TIMEOUT_S = 15.0


def send(settings: Settings, notify: Notify, subject: str, body: str, picture: Path | None) -> None:
    """To every channel that is named. Raises ApplicationFailure `mail-failed`, `http-failed`, FlowFailure
    `mail-server-missing`, OSError."""
    if notify.file:
        _file(settings.project / notify.file, subject, body, picture)
    if notify.to:
        _mail(settings, notify, subject, body, picture)
    if notify.webhook:
        _chat(settings, notify, f"{subject}\n{body}")


def _file(path: Path, subject: str, body: str, picture: Path | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "schema": 1,
        "at": datetime.now(UTC).isoformat(),
        "subject": subject,
        "text": body,
        "picture": str(picture or ""),
    }
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _mail(settings: Settings, notify: Notify, subject: str, body: str, picture: Path | None) -> None:
    from bots.mail.sending import Server, build, deliver

    server = Server.parse(settings.smtp)
    if server.user:
        server = Server(
            server.host,
            server.port,
            server.tls,
            server.user,
            secret_source(settings)("smtp_password").reveal(),
        )
    message = build(notify.to, subject, body, notify.sender)
    if picture is not None:  # kept files are named by their content
        message.add_attachment(
            picture.read_bytes(), maintype="image", subtype="png", filename="screenshot.png"
        )
    deliver(message, server, timeout=TIMEOUT_S)


def _chat(settings: Settings, notify: Notify, text: str) -> None:
    """`webhook: secret:NAME` takes the address from a secret, since such addresses are keys."""
    from bots.notify.actions import post

    url = notify.webhook or ""
    if url.startswith("secret:"):
        url = secret_source(settings)(url.removeprefix("secret:")).reveal()
    post(url, text, notify.shape, timeout=TIMEOUT_S)

"""Building and sending mail: one home for `mail.send`, `notify.email` and the schedule's alerts."""

from __future__ import annotations

import mimetypes
import smtplib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flows.failures import ApplicationFailure, FlowFailure


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None

    @staticmethod
    def parse(address: str, user: str | None = None, password: str | None = None) -> Server:
        """`smtp://user@host:port`, `smtps://…` or `host[:port]`. Raises FlowFailure `mail-server-missing`."""
        if not address:
            raise FlowFailure("mail-server-missing")
        parts = urlsplit(address if "://" in address else f"smtp://{address}")
        if not parts.hostname or parts.scheme not in ("smtp", "smtps"):
            raise FlowFailure("mail-server-missing", details={"address": address})
        tls = parts.scheme == "smtps"
        name = user or (unquote(parts.username) if parts.username else None)
        return Server(parts.hostname, parts.port or (465 if tls else 25), tls, name, password)


def build(to: Sequence[str], subject: str, text: str, sender: str, files: Iterable[Path] = ()) -> EmailMessage:
    """A mail with attachments. Line breaks in headers are refused by EmailMessage (ValueError → flow
    failure)."""
    message = EmailMessage()
    try:
        message["Subject"], message["From"], message["To"] = subject, sender, ", ".join(to)
    except ValueError as error:
        raise FlowFailure(
            "parameter-invalid",
            details={"action": "mail", "parameter": "subject", "reason": str(error), "value": subject},
        ) from error
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain="daeri.local")
    message.set_content(text)
    for file in files:
        if not file.is_file():
            raise FlowFailure("file-missing", details={"path": str(file)})
        kind, _, sub = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(file.read_bytes(), maintype=kind, subtype=sub, filename=file.name)
    return message


def deliver(message: EmailMessage, server: Server, *, timeout: float) -> None:
    """Hands the mail to the server. Raises ApplicationFailure `mail-failed`."""
    maker = smtplib.SMTP_SSL if server.tls else smtplib.SMTP
    try:
        with maker(server.host, server.port, timeout=max(1.0, timeout)) as smtp:
            if server.user and server.password:
                if not server.tls:
                    smtp.starttls()
                smtp.login(server.user, server.password)
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise ApplicationFailure(
            "mail-failed", str(error), details={"server": server.host, "reason": str(error)}
        ) from error

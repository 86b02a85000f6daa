"""As much of an IMAP server (RFC 3501) as a mailbox that is only read needs."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

PASSWORD = "secret"


def letter(number: int, subject: str, attachments: dict[str, bytes]) -> bytes:
    message = EmailMessage()
    message["Message-ID"] = f"<m{number}@test>"
    message["Subject"], message["From"], message["To"] = subject, f"s{number}@example.com", "ap@example.com"
    message["Date"] = "Mon, 02 Nov 2026 09:00:00 +0900"
    message.set_content("See the file.")
    for name, data in attachments.items():
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


class Mailbox(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def __init__(self, letters: list[bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Imap)
        self.letters = dict(enumerate(letters, start=1))

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Imap(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say(b"* OK ready")
        for raw in self.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            self._say(f"{tag} {self._answer(rest)}".encode())
            if rest.upper() == "LOGOUT":
                return

    def _answer(self, rest: str) -> str:
        upper = rest.upper()
        if upper == "CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1")
        elif upper.startswith("LOGIN"):
            return "OK in" if f'"{PASSWORD}"' in rest else "NO refused"
        elif upper.startswith("EXAMINE"):
            self._say(b"* %d EXISTS" % len(self.server.letters))
        elif upper.startswith("UID SEARCH"):
            self._say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._found(rest)))
        elif upper.startswith("UID FETCH"):
            self._letter(int(rest.split()[2]))
        return "OK done"

    def _found(self, rest: str) -> list[int]:
        wanted = re.search(r'SUBJECT "?([^"]+)"?', rest, re.IGNORECASE)
        word = wanted[1].casefold().encode() if wanted else b""
        return [uid for uid, raw in self.server.letters.items() if word in raw.split(b"\n\n")[0].lower()]

    def _letter(self, uid: int) -> None:
        raw = self.server.letters[uid].replace(b"\n", b"\r\n")
        self._say(b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)" % (uid, uid, len(raw), raw))

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def mailbox(letters: list[bytes]) -> Iterator[Mailbox]:
    with Mailbox(letters) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()



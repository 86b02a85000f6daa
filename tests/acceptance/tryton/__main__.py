"""Tryton 8.0 on SQLite as a separate program: the ERP that we did not write.

    python -m tests.acceptance.tryton prepare                  once, cached in .cache/tryton
    python -m tests.acceptance.tryton serve 8100               a fresh copy of the database, until Ctrl-C
    python -m tests.acceptance.tryton query bills --state posted
    python -m tests.acceptance.tryton reset                    the served database back to its start
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from tests.acceptance.tryton.erp import ADMIN_PASSWORD, CACHE, CLERK, CLERK_PASSWORD, Erp, ErpError, prepare

SERVED = CACHE / "served"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.tryton", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=SERVED, help="folder of the served database")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("prepare", help="programs, web client and filled database")
    verbs.add_parser("reset", help="restore the database (the server must be stopped)")
    serve = verbs.add_parser("serve", help="serve the web client on loopback")
    serve.add_argument("port", type=int, nargs="?", default=8000)
    serve.add_argument("--keep", action="store_true", help="go on with the database that is there")
    query = verbs.add_parser("query", help="ask the ERP what it holds, as JSON")
    query.add_argument("what", choices=["bills", "parties", "users"], nargs="?", default="bills")
    query.add_argument("--state", choices=["draft", "validated", "posted", "paid", "cancelled"])
    query.add_argument("--count", action="store_true", help="only how many")
    return parser


def _serve(folder: Path, port: int, keep: bool) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Erp(folder, port, keep=keep) as erp:
        print(f"{erp.url}  user {CLERK}  password {CLERK_PASSWORD}  (admin: {ADMIN_PASSWORD})", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopped", flush=True)


def main(arguments: list[str]) -> int:
    """Exit code 0, 1 when Tryton could not do it, 2 on usage."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.verb == "prepare":
            prepare()
        elif asked.verb == "reset":
            Erp(asked.folder)
        elif asked.verb == "serve":
            _serve(asked.folder, asked.port, asked.keep)
        else:
            found = Erp(asked.folder, keep=True).query(asked.what, *([asked.state] if asked.state else []))
            print(len(found) if asked.count else json.dumps(found, ensure_ascii=False, indent=1))
    except ErpError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The edge of the command line: failures in, messages and exit codes out."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from flows.failures import Failure
from rpa.cli.state import STATE

if TYPE_CHECKING:
    from ocr.errors import DocumentError

ASKED_WRONGLY = (
    "run-unknown", "run-ambiguous", "item-unknown", "item-in-doubt", "item-running", "review-unknown",
    "review-closed", "backup-missing",
)
"""Refusals of the ledger that are the asker's to mend, not the machine's."""
EXIT = {"flow": 2, "business": 1, "application": 1, "engine": 3}


def wants_json() -> bool:
    return "--json" in sys.argv[1:]


def guarded(app: Any) -> int:
    """Runs the Typer application; returns the exit code."""
    from typer.main import get_command

    from rpa.cli.language import asked_language, help_asked, localise

    try:
        command = get_command(app)
        STATE.flags = {"lang": asked_language(sys.argv[1:])}  # a misspelt command ends before options are read
        if help_asked(sys.argv[1:]):
            localise(command, STATE.lang)
        result = command(standalone_mode=False)
        return result if isinstance(result, int) else 0
    except KeyboardInterrupt:
        print(_text("interrupted"), file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Failure as failure:
        return report(failure)
    except Exception as error:  # noqa: BLE001 - the edge: whatever comes becomes a message
        return _other(error)


def _other(error: Exception) -> int:
    import click
    import typer

    # typer carries a click of its own since 0.2x: its exceptions are not click's
    usage = (click.ClickException, typer.BadParameter.__mro__[2])
    if isinstance(error, click.exceptions.Abort | typer.Abort):
        print(_text("interrupted"), file=sys.stderr)
        return 130
    if isinstance(error, click.exceptions.Exit | typer.Exit):
        return error.exit_code
    if isinstance(error, usage):
        return _usage(error)
    from ocr.errors import DocumentError

    if isinstance(error, DocumentError):
        return _show(error.code, *describe_document(error), EXIT[error.kind])
    if isinstance(error, OSError) and error.filename is not None:
        reason = error.strerror or type(error).__name__
        details = {"path": error.filename, "reason": reason}
        return _show("system-refused", _text("system-refused", **details), _fix("system-refused"), 3)
    if os.environ.get("RPA_DEBUG"):
        traceback.print_exc()
    text = f"{type(error).__name__}: {error}"
    return _show("unexpected", _text("unexpected", error=type(error).__name__, text=str(error)), _fix("unexpected"), 3, text)


def _usage(error: Any) -> int:
    """A command written wrongly: what is wrong, and which help tells how."""
    from rpa.cli.language import localise, parser_words

    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "rpa"
    if type(error).__name__ == "NoArgsIsHelpError":
        localise(error.ctx.command, STATE.lang)
        error.ctx.formatter_class = error.ctx.command.context_class.formatter_class
        print(error.ctx.get_help(), file=sys.stderr)
        return 2
    said = parser_words(error.format_message(), STATE.lang)
    return _show("usage-invalid", said, _fix("usage-invalid", command=command), 2, said)


def _text(code: str, /, **details: Any) -> str:
    from flows.catalogue import text

    return text(code, STATE.lang, **details)


def _fix(code: str, /, **details: Any) -> str:
    from flows.catalogue import fix

    return fix(code, STATE.lang, **details)


def describe(failure: Failure) -> tuple[str, str]:
    """(message, fix) of a failure in the chosen language."""
    from flows.catalogue import known

    if known(failure.code):
        message = _text(failure.code, **failure.details)
        fix = _fix(failure.code, **failure.details)
    else:
        message, fix = failure.message or failure.code, str(failure.details.get("fix", ""))
    return message, fix


def describe_document(error: DocumentError) -> tuple[str, str]:
    """(message, fix) of a document that cannot be read: its own words in English, else the catalogue's."""
    from flows.catalogue import known

    if STATE.lang == "en" or not known(error.code):
        return error.message, error.fix
    return _text(error.code, **error.details), _fix(error.code, **error.details)


def report(failure: Failure) -> int:
    """Prints a failure (as JSON where a program reads) and returns its exit code."""
    from rpa.app.project import FlowInvalid

    if isinstance(failure, FlowInvalid):
        from rpa.cli.show import print_diagnostics

        print_diagnostics(failure.loaded.diagnostics, as_json=wants_json())
        return 2
    message, fix = describe(failure)
    status = 2 if failure.code in ASKED_WRONGLY else EXIT[failure.kind]
    return _show(failure.code, message, fix, status, failure.message)


def _show(code: str, message: str, fix: str, status: int, raw: str = "") -> int:
    if wants_json():
        print(json.dumps({"schema": 1, "error": {"code": code, "message": message, "fix": fix, "detail": raw}}, ensure_ascii=False))
        return status
    print(f"{_text('error-label')} [{code}] {message}", file=sys.stderr)
    if raw and raw != message and not raw.startswith(code) and code != "unexpected":
        print(f"  {raw}", file=sys.stderr)
    if fix:
        print(f"  → {fix}", file=sys.stderr)
    return status

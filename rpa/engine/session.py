"""A session: the known state that items start from, reached by steps and proven by `ready`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flows.failures import ApplicationFailure, Failure
from flows.model import Flow, Session
from rpa.engine.context import StepContext
from rpa.engine.evidence import keep_evidence
from rpa.engine.state import DEFAULT_TIMEOUT_S, RunState
from rpa.engine.steps import Steps
from rpa.engine.writes import POLL_S, condition_holds

TRIES = 2
REUSE_WAIT_S = 5.0


def open_session(run: RunState, flow: Flow, scope: Mapping[str, Any]) -> None:
    """Resets the bots and reaches the session's state. An application failure is tried once more from an
    empty bot; a refused login never is (accounts lock)."""
    assert flow.session is not None
    for n in range(1, TRIES + 1):
        run.session_tries += 1
        run.services.reporter.tell("session", number=run.session_tries)
        run.reset_bots()
        try:
            if n == 1 and flow.session.reuse and _reused(run, flow, scope):
                return
            _reach(run, flow, flow.session, scope)
            if flow.session.reuse:
                _keep_state(run, flow)
            return
        except ApplicationFailure as failure:
            if n == TRIES or failure.code == "login-refused":
                raise


def _reach(run: RunState, flow: Flow, session: Session, scope: Mapping[str, Any]) -> None:
    inner = dict(scope)  # `ready` may look at what the session's steps gave
    Steps(run, flow, phase="session").all(session.steps, inner, "session/")
    if session.ready is not None and not _ready(run, session, inner, DEFAULT_TIMEOUT_S):
        keep_evidence(run, "session/ready")
        raise ApplicationFailure("session-not-ready", details={"ready": str(session.ready)})


def _ready(run: RunState, session: Session, scope: Mapping[str, Any], seconds: float) -> bool:
    with run.deadline(seconds) as deadline:
        while True:
            if condition_holds(run, session.ready, scope):
                return True
            if run.still or time.monotonic() >= deadline:
                return False
            time.sleep(POLL_S)


def _name(run: RunState, flow: Flow) -> str:
    return f"session/{run.record.profile}/{flow.id}"


def _reused(run: RunState, flow: Flow, scope: Mapping[str, Any]) -> bool:
    """True when a saved state shows `ready`. Its steps are then skipped."""
    session = flow.session
    saved = run.services.ledger.get_state(_name(run, flow))
    if not saved or session is None or session.ready is None:
        return False
    with run.deadline(DEFAULT_TIMEOUT_S) as deadline:
        ctx = StepContext(run, "session/reuse", deadline, "session")
        for name, state in saved.items():
            bot = run.bot(name, ctx)
            restore = getattr(bot, "restore_state", None)
            if restore is not None:
                restore(state)
    try:
        if _ready(run, session, scope, REUSE_WAIT_S):
            return True
    except Failure:
        pass  # an expired or odd saved state is no failure: the steps are done instead
    run.reset_bots()
    return False


def _keep_state(run: RunState, flow: Flow) -> None:
    states = {name: bot.save_state() for name, bot in run.open_bots.items() if hasattr(bot, "save_state")}
    run.services.ledger.put_state(_name(run, flow), states or None)

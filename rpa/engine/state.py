"""What one running run holds in memory: bots, deadlines, masker, the item in hand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bots.base import Bot, Context
from flows.data import Secret
from flows.failures import EngineFailure
from flows.model import Flow
from rpa.engine.masking import Masker
from rpa.engine.prior import Prior
from rpa.engine.services import Services
from rpa.engine.signals import Cancelled
from rpa.ledger.types import ArtifactRecord, Claim, ItemRecord, RunRecord

DEFAULT_TIMEOUT_S = 30.0


class SecretNames(Mapping[str, Secret]):
    """`${secrets.x}`: looked up when asked, and from then on masked in everything that is kept."""

    def __init__(self, names: tuple[str, ...], run: RunState) -> None:
        self._names = names
        self._run = run

    def __getitem__(self, name: str) -> Secret:
        if name not in self._names:
            raise KeyError(name)
        secret = self._run.services.secret(name)
        self._run.masker.add(secret.reveal())
        return secret

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class RunState:
    """Mutable, owned by one thread of one process."""

    def __init__(self, services: Services, flow: Flow, claim: Claim, record: RunRecord) -> None:
        self.services = services
        self.flow = flow
        self.claim = claim
        self.record = record
        self.options = {**services.options, **record.options}
        self.now: datetime = record.frozen_now.astimezone(ZoneInfo(services.timezone))
        self.masker = Masker()
        services.ledger.mask = self.masker.show
        self.item: ItemRecord | None = None
        self.prior = Prior()
        self.last_bot = "browser"
        self.session_tries = 0
        self._bots: dict[str, Bot] = {}
        self._deadlines: list[float] = []
        self._cancel_checked = 0.0
        self.still = bool(self.options.get("still"))  # what is seen never changes (a test): waiting is vain
        self.stepping = services.prompt is not None and bool(self.options.get("step"))
        self.committing = False

    # ── names ──
    @property
    def item_id(self) -> int | None:
        return self.item.id if self.item else None

    @property
    def item_try(self) -> int:
        return self.item.tries if self.item else 1

    def secrets(self, flow: Flow) -> SecretNames:
        return SecretNames(flow.secrets, self)

    # ── deadlines ──
    @contextmanager
    def deadline(self, seconds: float | None) -> Iterator[float]:
        """The tighter of the enclosing deadlines and `seconds` from now, on the monotonic clock."""
        own = time.monotonic() + (DEFAULT_TIMEOUT_S if seconds is None else seconds)
        self._deadlines.append(min([own, *self._deadlines[-1:]]))
        try:
            yield self._deadlines[-1]
        finally:
            self._deadlines.pop()

    @contextmanager
    def enclosing(self, seconds: float | None) -> Iterator[None]:
        """A deadline around a group, when the author gave one."""
        if seconds is None:
            yield
            return
        with self.deadline(seconds):
            yield

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Outside all enclosing deadlines: a probe must not fail because the block it probes took too
        long."""
        saved, self._deadlines = self._deadlines, []
        try:
            yield
        finally:
            self._deadlines = saved

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While a person thinks, no deadline comes nearer."""
        began = time.monotonic()
        try:
            yield
        finally:
            gone = time.monotonic() - began
            self._deadlines = [one + gone for one in self._deadlines]

    # ── bots ──
    def bot(self, name: str, ctx: Context) -> Bot:
        """The opened bot `name`; the engine closes it."""
        if name not in self._bots:
            factory = self.services.bots.get(name)
            if factory is None:
                raise EngineFailure("bot-missing", details={"bot": name})
            bot = factory()
            self._bots[name] = bot
            try:
                bot.open(ctx)
            except BaseException:
                del self._bots[name]
                bot.close()
                raise
        if getattr(self._bots[name], "sees", None):
            self.last_bot = name
        return self._bots[name]

    @property
    def open_bots(self) -> Mapping[str, Bot]:
        return self._bots

    def reset_bots(self) -> None:
        for bot in self._bots.values():
            bot.reset()

    def close_bots(self) -> None:
        while self._bots:
            _, bot = self._bots.popitem()
            bot.close()

    # ── ledger shortcuts ──
    def keep(self, path: str, kind: str, name: str, data: bytes | Path, media_type: str) -> ArtifactRecord:
        return self.services.ledger.keep(
            self.claim, run_id=self.record.id, item_id=self.item_id, step_path=path,
            kind=kind, name=name, data=data, media_type=media_type,
        )

    def answer_for(self, path: str) -> Mapping[str, Any] | None:
        """The recorded answer to this step's question, from this run or, in a replay, the original."""
        for review in reversed(self.services.ledger.reviews(status=None, item_id=self.item_id, masked=False)):
            if review.step_path == path and review.answer is not None and review.run_id in self._lineage():
                return {**review.answer, "review": review.id, "by": review.by, "status": review.status}
        return None

    def _lineage(self) -> set[str]:
        return {self.record.id, *([self.record.replay_of] if self.record.replay_of else [])}

    def check_cancelled(self) -> None:
        """Raises Cancelled when somebody asked the run to stop; asks the ledger at most twice a second."""
        if time.monotonic() - self._cancel_checked < 0.5:
            return
        self._cancel_checked = time.monotonic()
        if self.services.ledger.cancel_requested(self.record.id):
            raise Cancelled

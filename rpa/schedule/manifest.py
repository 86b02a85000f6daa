"""`flows.yaml`: which flows, when, with what inputs. Deployment, never steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.diagnostics import Diagnostic, with_lines
from flows.document import Node, compose
from flows.failures import FlowFailure
from flows.marks import Mark
from flows.shape import nearest

SIZE = 8  # MiB: one line for each of 10,000 schedules has room, with its messages


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Mail(_Strict):
    """A mailbox over IMAP; nothing in it is changed."""

    server: str
    user: str
    password: str = Field("mail_password", description="Name of the secret that holds the password.")
    port: int = 993
    tls: bool = True
    folder: str = "INBOX"
    subject: str | None = Field(None, description="Only mails whose subject holds this text.")
    every: str = Field("1m", description="How often to look.")


class Folder(_Strict):
    """Files that arrive; with `claim` each is taken by a rename before the run begins."""

    path: str
    claim: str | None = Field(
        None, description="A folder on the same disk or share to which a file is moved once it is whole."
    )


class After(_Strict):
    """Another flow, and how it must have ended."""

    flow: str
    on: Literal["success", "failure", "any"] = "success"


class Webhook(_Strict):
    """A call that is signed with the secret."""

    path: str = Field(
        pattern=r"^/[A-Za-z0-9_./-]*$", description="From /hooks on: /bills is called as /hooks/bills."
    )
    secret: str = Field("webhook_secret", description="Name of the secret that signs.")


class Trigger(_Strict):
    """Exactly one of these."""

    cron: str | None = Field(None, description="Five fields as in cron, names or numbers: `0 7 * * mon-fri`.")
    every: str | None = Field(None, description="A duration: 15m, 6h.")
    at: str | list[str] | None = Field(None, description="A time of day, or dates with times.")
    folder: str | Folder | None = Field(
        None, description="A folder or pattern; a run when a file has stopped growing."
    )
    mail: Mail | None = Field(None, description="A mailbox: server, user, folder, subject.")
    after: str | After | None = Field(
        None, description="Another flow whose success (or failure) starts this one."
    )
    queue: str | None = Field(None, description="A flow whose new items start this one.")
    webhook: str | Webhook | None = Field(None, description="A path; signed with HMAC, loopback by default.")

    @property
    def watched(self) -> Folder | None:
        return Folder(path=self.folder, claim=None) if isinstance(self.folder, str) else self.folder

    @property
    def followed(self) -> After | None:
        return After(flow=self.after) if isinstance(self.after, str) else self.after

    @property
    def hook(self) -> Webhook | None:
        return (
            Webhook.model_validate({"path": self.webhook}) if isinstance(self.webhook, str) else self.webhook
        )

    @property
    def kind(self) -> str:
        return next(k for k in type(self).model_fields if getattr(self, k) is not None)


class Notify(_Strict):
    on: list[Literal["failed", "late", "missed", "stuck", "circuit", "business", "succeeded"]] = [
        "failed",
        "late",
    ]
    to: list[str] = []
    webhook: str | None = None
    shape: Literal["slack", "teams", "kakaowork", "plain"] = "slack"
    file: str | None = None
    quiet: str | None = Field(
        None, pattern=r"^\d\d:\d\d-\d\d:\d\d$", description="Hours without messages: 22:00-07:00."
    )
    digest: str = Field(
        "17:00", pattern=r"^\d\d:\d\d$", description="When business failures are told, once a day."
    )
    sender: str = "daeri@localhost"


class Schedule(_Strict):
    """When a flow runs by itself."""

    flow: str = Field(description="Library id, or a path when it contains / or ends in .yaml.")
    trigger: Trigger
    profile: str = "default"
    inputs: dict[str, Any] = {}
    timezone: str | None = None
    on_holiday: Literal["run", "skip", "next_working_day", "previous_working_day"] = "run"
    if_missed: Literal["none", "last", "all"] = "last"
    grace: str = "6h"
    on_overlap: Literal["skip", "queue", "cancel_running"] = "skip"
    max_duration: str | None = None
    stop_after_failures: int | None = Field(None, ge=1)
    require_approval: bool = False
    lock: list[str] = Field([], description="Resources that one run at a time may hold, over all flows.")
    needs: list[str] = Field([], description="What a worker must offer besides browser, desktop and ocr.")
    due: str | None = Field(None, description="How long after its start a run must be done, else it is late.")
    notify: Notify | None = None
    priority: int = 0


class Calendar(_Strict):
    country: str | None = Field(None, description="ISO code of the country whose holidays count: KR, DE.")
    subdivision: str | None = None
    closed: list[str] = Field([], description="Further closed days, YYYY-MM-DD.")


class Profile(_Strict):
    inputs: dict[str, Any] = {}


class Heartbeat(_Strict):
    url: str | None = None
    file: str | None = None
    every: str = "5m"


class ManifestFile(_Strict):
    """The shape of flows.yaml."""

    version: Literal[1] = 1
    timezone: str | None = None
    calendar: Calendar | None = None
    profiles: dict[str, Profile] = {}
    plugins: list[str] = []
    schedules: dict[str, Schedule] = {}
    heartbeat: Heartbeat | None = None


@dataclass(frozen=True)
class Manifest:
    """A loaded manifest; an absent file is an empty one."""

    file: ManifestFile = field(default_factory=ManifestFile)
    text: str = ""

    @property
    def timezone(self) -> str | None:
        return self.file.timezone

    @property
    def plugins(self) -> tuple[str, ...]:
        return tuple(self.file.plugins)

    @property
    def schedules(self) -> Mapping[str, Schedule]:
        return self.file.schedules

    def profile_inputs(self, profile: str) -> dict[str, Any]:
        """The inputs of a profile. `default` may be absent; another unknown one is `profile-unknown`."""
        if profile in self.file.profiles:
            return dict(self.file.profiles[profile].inputs)
        if profile == "default":
            return {}
        known = ", ".join(self.file.profiles) or "default"
        raise FlowFailure("profile-unknown", details={"name": profile, "known": known})


def load_manifest(path: Path) -> Manifest:
    """Raises FlowFailure `manifest-invalid` with the first problem; `manifest_diagnostics` has all."""
    if not path.is_file():
        return Manifest()
    made, problems, text = _load(path)
    errors = [p for p in problems if p.severity == "error"]
    if made is None or errors:
        from flows.diagnostics import render

        raise FlowFailure(
            "manifest-invalid",
            render(with_lines(errors, {path.name: text})),
            details={"file": path.name, "count": len(errors)},
        )
    return Manifest(made, text)


def manifest_diagnostics(path: Path) -> list[Diagnostic]:
    """Every problem of the manifest with its place."""
    if not path.is_file():
        return []
    _, problems, text = _load(path)
    return with_lines(problems, {path.name: text})


def manifest_schema() -> dict[str, Any]:
    """JSON Schema for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "flows.yaml",
        **ManifestFile.model_json_schema(),
    }


def _load(path: Path) -> tuple[ManifestFile | None, list[Diagnostic], str]:
    text = path.read_text("utf-8-sig", errors="replace")
    node, problems = compose(text, path.name, times=SIZE)
    if node is None or problems:
        return (ManifestFile() if node is None and not problems else None), problems, text
    try:
        made = ManifestFile.model_validate(node.plain() or {})
    except ValidationError as error:
        return None, [_diagnostic(e, node) for e in error.errors()], text
    return made, [*_triggers(made, node), *_meanings(made, node)], text


def _diagnostic(error: Any, node: Node) -> Diagnostic:
    where, mark = place_of(node, error["loc"], key=error["type"] == "extra_forbidden")
    if error["type"] == "extra_forbidden":
        known = _known(error["loc"][:-1])
        return Diagnostic(
            "key-unknown",
            mark,
            details={"key": error["loc"][-1], "what": where, "known": ", ".join(known)},
            near=nearest(str(error["loc"][-1]), known),
        )
    return Diagnostic("manifest-value", mark, details={"where": where, "reason": error["msg"]})


def _known(loc: tuple[Any, ...]) -> list[str]:
    names: dict[int, type[BaseModel]] = {0: ManifestFile, 2: Schedule, 3: Trigger}
    if loc[:1] == ("calendar",):
        return list(Calendar.model_fields)
    if loc[:1] == ("profiles",):
        return list(Profile.model_fields)
    if len(loc) == 3 and loc[2] == "notify":
        return list(Notify.model_fields)
    return list(names.get(len(loc), ManifestFile).model_fields)


def place_of(node: Node, loc: tuple[Any, ...], *, key: bool = False) -> tuple[str, Mark]:
    """The mark of the value at `loc` (of its key for a key that should not be there)."""
    mark, path = node.mark, []
    for part in loc:
        pair = next((p for p in node.pairs if p.key == part), None)
        if pair is not None:
            path.append(str(part))
            node, mark = pair.node, (pair.mark if key or pair.node.kind == "map" else pair.node.mark)
        elif node.kind == "list" and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.mark
    return ".".join(path) or "flows.yaml", mark


def _triggers(made: ManifestFile, node: Node) -> list[Diagnostic]:
    problems = []
    for name, schedule in made.schedules.items():
        kinds = [k for k in Trigger.model_fields if getattr(schedule.trigger, k) is not None]
        if len(kinds) != 1:
            _, mark = place_of(node, ("schedules", name, "trigger"))
            problems.append(
                Diagnostic(
                    "trigger-one", mark, details={"name": name, "known": ", ".join(Trigger.model_fields)}
                )
            )
    return problems


def _meanings(made: ManifestFile, node: Node) -> list[Diagnostic]:
    """Values whose form Pydantic cannot judge: zones, durations, profiles."""
    from zoneinfo import available_timezones

    from flows.types import duration
    from rpa.schedule.calendars import work_calendar

    problems: list[Diagnostic] = []

    def complain(loc: tuple[Any, ...], reason: str) -> None:
        where, mark = place_of(node, loc)
        problems.append(Diagnostic("manifest-value", mark, details={"where": where, "reason": reason}))

    zones = available_timezones()
    if made.timezone and made.timezone not in zones:
        complain(("timezone",), f"there is no time zone {made.timezone}; for example Asia/Seoul")
    try:
        work_calendar(made.calendar)
    except ValueError as error:
        complain(("calendar",), str(error))
    for name, schedule in made.schedules.items():
        _check_trigger(name, schedule, complain)
        if schedule.timezone and schedule.timezone not in zones:
            complain(("schedules", name, "timezone"), f"there is no time zone {schedule.timezone}")
        if schedule.profile != "default" and schedule.profile not in made.profiles:
            complain(
                ("schedules", name, "profile"),
                f"there is no profile {schedule.profile}; known: {', '.join(made.profiles)}",
            )
        for key in ("grace", "max_duration", "due"):
            value = getattr(schedule, key)
            try:
                if value is not None:
                    duration(value)
            except ValueError as error:
                complain(("schedules", name, key), str(error))
    return problems


def _check_trigger(name: str, schedule: Schedule, complain: Callable[[tuple[Any, ...], str], None]) -> None:
    from zoneinfo import ZoneInfo

    from flows.types import duration
    from rpa.schedule.due import Every
    from rpa.schedule.plans import rule_of

    trigger = schedule.trigger
    kinds = [k for k in Trigger.model_fields if getattr(trigger, k) is not None]
    if not kinds:
        return
    where = ("schedules", name, "trigger", kinds[0])
    try:
        if trigger.hook is not None and ".." in trigger.hook.path:
            raise ValueError("a path without .. is expected")
        if trigger.mail is not None:
            duration(trigger.mail.every)
        rule = rule_of(trigger, ZoneInfo("UTC"))
    except ValueError as error:
        complain(where, str(error))
        return
    if isinstance(rule, Every) and schedule.on_holiday.endswith("_day"):
        complain(
            ("schedules", name, "on_holiday"),
            "elapsed time (every) cannot be moved to another day; use run or skip",
        )

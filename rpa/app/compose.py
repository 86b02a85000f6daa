"""From settings and a claim to a running engine, and from a person's wish to a queued run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flows.data import plain
from flows.loader import load_bundle
from flows.model import Flow
from rpa.app.bots import FACTORIES
from rpa.app.project import Project
from rpa.app.secrets import secret_source, with_secrets
from rpa.engine.runner import RunEngine
from rpa.engine.services import Reporter, Services, Silent, utc_now
from rpa.ledger.types import Claim, NewRun, RunRecord, RunStatus
from rpa.settings import Settings


def bundle(flow: Flow) -> dict[str, str]:
    """{reference: text} of a flow and all it calls, itself first: what the ledger keeps as its revision."""
    texts = {flow.id: flow.text}
    for ref, called in flow.calls.items():
        texts.setdefault(ref, called.text)
        for inner, text in list(bundle(called).items())[1:]:
            texts.setdefault(inner, text)
    return texts


def enqueue(project: Project, flow: Flow, inputs: Mapping[str, Any], *, trigger: str = "cli", actor: str = "",
            options: Mapping[str, Any] | None = None, frozen_now: datetime | None = None,
            **more: Any) -> str:
    """Stores the flow's revision and queues a run of it. Returns the run id."""
    project.ledger.put_revision(flow.id, flow.revision, bundle(flow), flow.title)
    new = NewRun(
        flow_id=flow.id, revision=flow.revision, inputs=plain(dict(inputs)), profile=project.settings.profile,
        trigger=trigger, actor=actor, options=plain(dict(options or {})), frozen_now=frozen_now or utc_now(), **more,
    )
    return project.ledger.enqueue(new)


def open_run(settings: Settings, claim: Claim, reporter: Reporter | None = None,
             prompt: Callable[[str, str], str] | None = None) -> tuple[Services, Flow, RunRecord]:
    """The surroundings of a claimed run, its flow as it was when it was queued, and its record."""
    project = Project(settings)
    ledger = project.ledger
    record = ledger.run(claim.run_id)
    flow = load_bundle(ledger.revision(record.revision), catalog=project.catalog)
    secret, given = secret_source(settings), settings.run_options()
    options = {
        **given, "browser": with_secrets(given["browser"], secret), "hosts": list(flow.hosts),
        "_branch": {
            "settings": settings.model_dump(mode="json"), "flow_id": flow.id,
            "claim": {"run_id": claim.run_id, "token": claim.token, "worker": claim.worker},
        },
    }
    services = Services(
        ledger=ledger, catalog=project.catalog, bots=FACTORIES, secret=secret,
        project=settings.project, artifacts=settings.artifact_folder, options=options,
        reporter=reporter or Silent(), timezone=project.manifest.timezone or settings.timezone, prompt=prompt,
    )
    return services, flow, record


def execute(settings: Settings, claim: Claim, reporter: Reporter,
            prompt: Callable[[str, str], str] | None = None) -> RunStatus:
    """In the run's own process: everything from the claim to the end of the run."""
    services, flow, record = open_run(settings, claim, reporter, prompt)
    try:
        return RunEngine(services, flow, claim, record).execute()
    finally:
        services.ledger.close()

"""A project opened: its settings, manifest, flows, ledger. What every command starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.failures import FlowFailure
from rpa.settings import MANIFEST, TOML, Settings

if TYPE_CHECKING:
    from flows.action import Catalog
    from flows.diagnostics import Diagnostic
    from flows.loader import Loaded
    from flows.model import Flow
    from rpa.ledger.store import Ledger
    from rpa.schedule.manifest import Manifest

LIBRARY = Path(__file__).resolve().parents[2] / "flows" / "library"


def is_project(folder: Path) -> bool:
    """Whether flows.yaml or rpa.toml stands there."""
    return any((folder / name).exists() for name in (MANIFEST, TOML))


class FlowInvalid(FlowFailure):
    """The flow has errors; `loaded.diagnostics` says which."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__("flow-invalid", details={"count": len(loaded.diagnostics)})
        self.loaded = loaded


@dataclass(frozen=True)
class Project:
    """One project folder. Ledger and catalog are opened when first asked for."""

    settings: Settings

    @cached_property
    def manifest(self) -> Manifest:
        from rpa.schedule.manifest import load_manifest

        return load_manifest(self.settings.project / self.settings.manifest)

    def manifest_diagnostics(self) -> list[Diagnostic]:
        """Every problem of flows.yaml with its place."""
        from rpa.schedule.manifest import manifest_diagnostics

        return manifest_diagnostics(self.settings.project / self.settings.manifest)

    @cached_property
    def catalog(self) -> Catalog:
        from bots.catalog import catalog

        try:
            return catalog(tuple(self.manifest.plugins))
        except LookupError as error:
            raise FlowFailure("plugin-missing", str(error), details={"reason": str(error)}) from None

    @cached_property
    def ledger(self) -> Ledger:
        """The project's ledger, made when it is not there. Raises FlowFailure `project-missing` outside of a
        project: a ledger must not appear in any folder where somebody asked for the list of runs."""
        folder = self.settings.project
        if not is_project(folder) and "://" not in self.settings.ledger and not Path(self.settings.ledger_url).exists():
            raise FlowFailure("project-missing", details={"folder": str(folder)})
        return self.open_ledger()

    def open_ledger(self, *, create: bool = True) -> Ledger:
        from rpa.app.keys import project_key
        from rpa.engine.masking import Masker
        from rpa.ledger.store import Ledger

        settings = self.settings
        ledger = Ledger.open(
            settings.ledger_url, key=project_key(settings), artifacts=settings.artifact_folder, create=create
        )
        ledger.mask = Masker().show
        ledger.artifact_quota = int(settings.artifact_quota_gb * (1 << 30))
        return ledger

    # ── flows ──
    def flow_path(self, ref: str) -> Path:
        """A path when it contains / or ends in .yaml, else `flows/<id>.yaml` of the project, else the
        library."""
        if "/" in ref or ref.endswith((".yaml", ".yml")):
            path = (self.settings.project / ref) if not Path(ref).is_absolute() else Path(ref)
            path = path if path.exists() else Path(ref).resolve()
        else:
            path = self.settings.project / "flows" / f"{ref}.yaml"
            path = path if path.exists() else LIBRARY / f"{ref}.yaml"
        if not path.is_file():
            known = sorted(
                p.stem for folder in (self.settings.project / "flows", LIBRARY) for p in folder.glob("*.yaml")
            )
            raise FlowFailure("flow-missing", details={"flow": ref, "known": ", ".join(known)})
        return path

    def load(self, ref: str) -> Loaded:
        from flows.loader import load  # with all its checks: not needed to look at runs

        return load(self.flow_path(ref), catalog=self.catalog, library=LIBRARY, project=self.settings.project)

    def flow(self, ref: str) -> Flow:
        """The flow, free of errors. Raises FlowInvalid with all diagnostics otherwise."""
        loaded = self.load(ref)
        if loaded.flow is None or any(d.severity == "error" for d in loaded.diagnostics):
            raise FlowInvalid(loaded)
        return loaded.flow

    def inputs(self, flow: Flow, given: Mapping[str, Any], profile: str) -> dict[str, Any]:
        """The flow's inputs: as given, else of the manifest's profile, else defaults. Typed and complete."""
        from rpa.engine.calls import typed_inputs

        of_profile = self.manifest.profile_inputs(profile)
        known = {k: v for k, v in of_profile.items() if k in flow.inputs}
        return typed_inputs(flow, {**known, **given})

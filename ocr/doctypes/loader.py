"""Read a doctype from YAML. Every problem of the file is told at once, each with its line.

The only place in `ocr/` that knows the YAML library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml

from ocr.doctypes.model import CHECK_KINDS, FIELD_TYPES, ROLES, CheckSpec, Doctype, FieldSpec
from ocr.errors import DocumentError

HERE = Path(__file__).parent
NAME = re.compile(r"[a-z][a-z0-9_]*")
TOP_KEYS = {
    "doctype",
    "titles",
    "locale",
    "pairs",
    "fields",
    "columns",
    "checks",
    "other_labels",
    "stop_labels",
    "issuer",
}
FIELD_KEYS = {
    "type",
    "labels",
    "weak_labels",
    "required",
    "role",
    "pattern",
    "same_as",
    "same_unless",
    "like",
}
CHECK_KEYS = {"name", "kind", "parts", "equals", "tolerance"}


def doctype_names() -> tuple[str, ...]:
    """The doctypes that come with the package."""
    return tuple(sorted(path.stem for path in HERE.glob("*.yaml")))


def load_doctype(name_or_path: str | Path) -> Doctype:
    """A built-in doctype by name, or one of your own by the path of its YAML file.

    Raises `DocumentError` with code `doctype-unknown` or `doctype-invalid`.
    """
    return _load(str(name_or_path))


@lru_cache(maxsize=64)
def _load(name_or_path: str) -> Doctype:
    path = HERE / f"{name_or_path}.yaml" if NAME.fullmatch(name_or_path) else Path(name_or_path)
    if not path.is_file():
        raise DocumentError(
            "doctype-unknown",
            f"There is no doctype «{name_or_path}».",
            f"Use one of {', '.join(doctype_names())}, or the path of a doctype's YAML file.",
            kind="flow",
        )
    return parse_doctype(path.read_text(encoding="utf-8"), str(path.name))


def parse_doctype(text: str, where: str = "doctype.yaml") -> Doctype:
    """The doctype that `text` describes; `where` is the file name for messages."""
    return _Reader(where).doctype(text)


def doctype_file(name_or_path: str | Path) -> Path:
    """The YAML file of a doctype. Raises `DocumentError` (`doctype-unknown`)."""
    load_doctype(name_or_path)
    text = str(name_or_path)
    return HERE / f"{text}.yaml" if NAME.fullmatch(text) else Path(text)


def text_with_labels(text: str, learned: Mapping[str, Sequence[str]]) -> str:
    """A doctype's YAML with more labels for its fields, under `learned`; comments do not survive.

    A phrase learned for one field is taken away from all others.
    """
    data = yaml.safe_load(text)
    phrases = {phrase.casefold() for found in learned.values() for phrase in found}
    data["other_labels"] = _without(data.get("other_labels") or [], phrases)
    for name, settings in data["fields"].items():
        own = learned.get(name, ())
        kept = _without(settings.get("labels") or {}, phrases)
        by_language = kept if isinstance(kept, dict) else {"any": kept}
        if own or by_language:
            settings["labels"] = {**by_language, **({"learned": list(own)} if own else {})}
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110))


def _without(labels: Any, phrases: set[str]) -> Any:
    if isinstance(labels, dict):
        return {language: _without(found, phrases) for language, found in labels.items()}
    return [label for label in labels if str(label).casefold() not in phrases]


class _Reader:
    """Walks the YAML nodes and collects problems with their lines."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[tuple[int, str]] = []

    def doctype(self, text: str) -> Doctype:
        root = self._compose(text)
        top = self._mapping(root, "a doctype", TOP_KEYS)
        fields = self._specs(top.get("fields"), "fields", need=not self._flag(top.get("pairs")))
        columns = self._specs(top.get("columns"), "columns", need=False)
        doctype = Doctype(
            name=self._name(top.get("doctype"), root),
            fields=fields,
            columns=columns,
            checks=self._checks(top.get("checks"), fields, columns),
            titles=self._labels(top.get("titles")),
            other_labels=self._labels(top.get("other_labels")),
            stop_labels=self._labels(top.get("stop_labels")),
            locale=self._text(top.get("locale")),
            pairs=self._flag(top.get("pairs")),
            issuer=cast(Any, self._choice(top["issuer"], ROLES, "«issuer»", root))
            if "issuer" in top
            else "supplier",
        )
        self._raise_problems()
        return doctype

    def _compose(self, text: str) -> yaml.Node:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self._problem(mark.line + 1 if mark else 1, getattr(error, "problem", None) or "this is not YAML")
            self._raise_problems()
            raise
        if node is None:
            self._problem(1, "the file is empty")
            self._raise_problems()
        return cast(yaml.Node, node)

    def _problem(self, line: int, message: str) -> None:
        self.problems.append((line, message))

    def _raise_problems(self) -> None:
        if not self.problems:
            return
        listed = "\n".join(f"{self.where}:{line}: {message}" for line, message in sorted(self.problems))
        raise DocumentError(
            "doctype-invalid",
            listed,
            "Mend the lines named above; the built-in doctypes are good examples.",
            kind="flow",
        )

    def _mapping(self, node: yaml.Node | None, what: str, known: set[str] | None) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._problem(_line(node), f"{what} must be a mapping of names to settings")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in found:
                self._problem(_line(key_node), f"«{key}» stands twice")
            elif known is not None and key not in known:
                self._problem(
                    _line(key_node), f"«{key}» is not a setting of {what}; known: {', '.join(sorted(known))}"
                )
            found[key] = value
        return found

    def _name(self, node: yaml.Node | None, root: yaml.Node) -> str:
        name = self._text(node)
        if name is None or not NAME.fullmatch(name):
            self._problem(_line(node or root), "«doctype» must name the type: small letters, digits and _")
            return "unnamed"
        return name

    def _specs(self, node: yaml.Node | None, what: str, *, need: bool) -> dict[str, FieldSpec]:
        if node is None:
            if need:
                self._problem(1, f"«{what}» is missing: a doctype needs fields")
            return {}
        specs = {}
        for name, child in self._mapping(node, what, None).items():
            if not NAME.fullmatch(name):
                self._problem(_line(child), f"«{name}» is no field name: small letters, digits and _")
            specs[name] = self._spec(name, child)
        return specs

    def _spec(self, name: str, node: yaml.Node) -> FieldSpec:
        settings = self._mapping(node, f"the field «{name}»", FIELD_KEYS)
        kind = self._choice(settings.get("type"), FIELD_TYPES, f"the type of «{name}»", node)
        role = settings.get("role")
        other = self._like(settings.get("like"))
        return FieldSpec(
            name=name,
            type=cast(Any, kind),
            labels=_joined(self._labels(settings.get("labels")), other.labels if other else ()),
            weak_labels=_joined(
                self._labels(settings.get("weak_labels")), other.weak_labels if other else ()
            ),
            required=self._flag(settings.get("required")),
            role=cast(Any, self._choice(role, ROLES, f"the role of «{name}»", node)) if role else None,
            pattern=self._pattern(settings.get("pattern")),
            same_as=self._text(settings.get("same_as")),
            same_unless=self._labels(settings.get("same_unless")),
        )

    def _like(self, node: yaml.Node | None) -> FieldSpec | None:
        """The built-in field or column named `doctype.name`, whose labels are taken over."""
        text = self._text(node)
        if text is None:
            return None
        doctype, _, name = text.partition(".")
        if doctype in doctype_names() and f"{doctype}.yaml" != self.where:
            other = load_doctype(doctype)
            spec = (
                other.columns.get(name[len("columns.") :])
                if name.startswith("columns.")
                else other.fields.get(name)
            )
            if spec is not None:
                return spec
        self._problem(
            _line(node), f"«{text}» is no field of a built-in doctype (write it as invoice.net_total)"
        )
        return None

    def _choice(self, node: yaml.Node | None, known: tuple[str, ...], what: str, near: yaml.Node) -> str:
        value = self._text(node)
        if value not in known:
            self._problem(_line(node or near), f"{what} must be one of {', '.join(known)}")
            return known[0]
        return value

    def _pattern(self, node: yaml.Node | None) -> str | None:
        pattern = self._text(node)
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                self._problem(_line(node), f"the pattern is no regular expression: {error}")
                return None
        return pattern

    def _checks(
        self, node: yaml.Node | None, fields: dict[str, FieldSpec], columns: dict[str, FieldSpec]
    ) -> tuple[CheckSpec, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._problem(_line(node), "«checks» must be a list")
            return ()
        return tuple(self._check(child, fields, columns) for child in node.value)

    def _check(
        self, node: yaml.Node, fields: dict[str, FieldSpec], columns: dict[str, FieldSpec]
    ) -> CheckSpec:
        settings = self._mapping(node, "a check", CHECK_KEYS)
        kind = self._choice(settings.get("kind"), CHECK_KINDS, "the kind of a check", node)
        spec = CheckSpec(
            name=self._text(settings.get("name")) or kind,
            kind=cast(Any, kind),
            parts=self._labels(settings.get("parts")),
            equals=self._labels(settings.get("equals")),
            tolerance=self._number(settings.get("tolerance"), "0.02"),
        )
        for name in self._unknown_names(spec, fields, columns):
            self._problem(_line(node), f"the check «{spec.name}» speaks of «{name}», which is no field here")
        return spec

    @staticmethod
    def _unknown_names(
        spec: CheckSpec, fields: dict[str, FieldSpec], columns: dict[str, FieldSpec]
    ) -> list[str]:
        parts = [part.lstrip("-") for part in spec.parts]
        if spec.kind == "line_product":
            return [name for name in (*parts, *spec.equals) if name not in columns]
        if spec.kind == "lines_sum":
            return [n for n in parts if n not in columns] + [n for n in spec.equals if n not in fields]
        return [name for name in (*parts, *spec.equals) if name not in fields]

    def _labels(self, node: yaml.Node | None) -> tuple[str, ...]:
        """A list of words, or lists of words by language."""
        if node is None:
            return ()
        if isinstance(node, yaml.MappingNode):
            return tuple(dict.fromkeys(label for _, child in node.value for label in self._labels(child)))
        if not isinstance(node, yaml.SequenceNode):
            self._problem(_line(node), "here stands a list of words, or a mapping of languages to such lists")
            return ()
        return tuple(str(child.value).strip() for child in node.value if self._is_word(child))

    def _is_word(self, node: yaml.Node) -> bool:
        if isinstance(node, yaml.ScalarNode) and str(node.value).strip():
            return True
        self._problem(_line(node), "a label must be a word or a phrase")
        return False

    def _flag(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        if str(node.value) not in ("true", "false"):
            self._problem(_line(node), "this must be true or false")
        return str(node.value) == "true"

    def _number(self, node: yaml.Node | None, otherwise: str) -> Decimal:
        text = self._text(node) or otherwise
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            self._problem(_line(node), "this must be a number such as 0.05")
            return Decimal(otherwise)
        return Decimal(text)

    def _text(self, node: yaml.Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self._problem(_line(node), "this must be a single word or text")
            return None
        return str(node.value).strip() or None


def _joined(own: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *others)))


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1

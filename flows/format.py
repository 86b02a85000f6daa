"""Normalises a flow's text, keeping comments: order of the keys, two spaces, lists indented below their key.

Only the layout changes. The formatted text composes to the same tree and keeps every comment, or the text
is left as the author wrote it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

from flows.document import Node, compose
from flows.load_flow import ITEM_KEYS, TOP
from flows.load_steps import CONTROL

WIDTH = 1_000_000  # lines are never wrapped: a wrapped text is hard to read back
INPUT = ("type", "default", "required", "choices", "of", "columns", "title", "description")
STEP_FIRST = ("id", "name", "if", "writes")
OF_AN_ACTION = ("commits", "repeatable", "retry", "timeout", "on_error", "outputs", "expect")
BEFORE_A_BODY = ("commits", "retry", "timeout", "on_error")
BODY = ("do", "then", "else", "catch", "finally", "with", "outputs", "expect")
WRITES = ("what", "key", "done_if")
STEP_LISTS = ("steps", "do", "then", "else", "try", "finally", "done_if", "on_failure")


def format_text(text: str) -> str:
    """The normalised text; the text itself when it is no valid YAML."""
    node, problems = compose(text, "flow.yaml")
    if node is None or problems or node.kind != "map":
        return text
    try:
        made = _normalised(text)
        stable = _normalised(made) == made
    except (YAMLError, ValueError, RecursionError, AttributeError, TypeError, LookupError, AssertionError):
        return text  # ruamel.yaml cannot write every odd text back; then it stays as the author wrote it
    again, wrong = compose(made, "flow.yaml")
    same = again is not None and not wrong and again.plain() == node.plain()
    return made if stable and same and _comments(made, again) == _comments(text, node) else text


def _comments(text: str, root: Node | None) -> list[str]:
    """The comments of a text: what follows a # outside of values."""
    values = [(n.start, n.end) for n in _scalars(root)] if root else []
    found, at = [], 0
    for line in text.split("\n"):
        for place in (at + i for i, c in enumerate(line) if c == "#"):
            if not any(start <= place < end for start, end in values):
                found.append(line[place - at :].strip())
                break
        at += len(line) + 1
    return sorted(found)


def _scalars(node: Node) -> Iterator[Node]:
    if node.kind == "scalar":
        yield node
        return
    for child in [p.node for p in node.value] if node.kind == "map" else node.value:
        yield from _scalars(child)


class _TextResolver(VersionedResolver):
    """Every plain scalar stays the text it is: nothing is read as a number or a date and written
    differently."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode and value:
            return self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Resolver = _TextResolver
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _normalised(text: str) -> str:
    yaml = _yaml()
    tree = yaml.load(text.replace("\r\n", "\n"))
    _reorder(tree, TOP)
    for name, keys in (("items", ITEM_KEYS),):
        _reorder(tree.get(name), keys)
    for declared in _values(tree.get("inputs")):
        _reorder(declared, INPUT)
    _order_steps(tree)
    out = io.StringIO()
    yaml.dump(tree, out)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).strip("\n") + "\n"


def _values(tree: Any) -> list[Any]:
    return (
        list(tree.values())
        if isinstance(tree, CommentedMap)
        else list(tree)
        if isinstance(tree, CommentedSeq)
        else []
    )


def _order_steps(tree: Any) -> None:
    """Steps wherever they stand: in lists below the keys that hold steps."""
    if isinstance(tree, CommentedMap):
        for key, value in tree.items():
            if key in STEP_LISTS and isinstance(value, CommentedSeq):
                for step in value:
                    _order_step(step)
            _order_steps(value)
    elif isinstance(tree, CommentedSeq):
        for value in tree:
            _order_steps(value)


def _order_step(step: Any) -> None:
    """id, name, if, writes; then the action with its keys, or the control key, short keys and the body."""
    if not isinstance(step, CommentedMap):
        return
    _reorder(step.get("writes"), WRITES)
    action = [k for k in step if "." in str(k)]
    control = [k for k in step if k in CONTROL and (k != "if" or "then" in step or "else" in step)]
    first = [k for k in STEP_FIRST if k not in control]
    if action:
        _reorder(step, [*first, *action, *OF_AN_ACTION])
    else:
        _reorder(step, [*first, *control, *BEFORE_A_BODY, *BODY])


def _reorder(mapping: Any, order: Sequence[str]) -> None:
    """Known keys in this order, the others behind them; left alone where a comment could lose its place."""
    if not isinstance(mapping, CommentedMap) or _has_comment(mapping):
        return
    keys = [k for k in order if k in mapping]
    wanted = [*dict.fromkeys(keys), *(k for k in mapping if k not in keys)]
    if list(mapping) != wanted:
        for key in wanted:
            mapping.move_to_end(key)


def _has_comment(tree: Any) -> bool:
    """Whether any comment hangs in this tree, blank lines included."""
    ca = getattr(tree, "ca", None)
    if ca is not None and (ca.comment or ca.items or ca.end):
        return True
    return any(_has_comment(value) for value in _values(tree))

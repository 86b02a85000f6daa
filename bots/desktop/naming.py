"""The target that names a thing: what the inspector prints and the recorder writes.

A proposal counts only when looking for it in the program's tree finds that very thing and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from bots.desktop.accessible import TreeSearch
from bots.desktop.driver import FIELDS, Driver, DriverFrozen, DriverGone, Node, Tree
from bots.desktop.find import in_reading_order, place_of
from bots.desktop.geometry import Box
from bots.desktop.target import Target, Wants
from bots.desktop.words import same, tidy

CELLS = frozenset({"cell", "gridcell", "treeitem"})
_HOLDERS = frozenset(
    {"dialog", "alert", "filechooser", "panel", "group", "tabpanel", "toolbar", "menubar", "frame"}
)
MOST_NTH = 40
MOST_WORDS = 80
MOST_LABEL = 40


class Naming:
    """Names the things of one program at one moment."""

    def __init__(self, driver: Driver, tree: Tree) -> None:
        self.driver, self.tree = driver, tree
        self._search = TreeSearch(driver, tree)

    def target(self, node: Node) -> dict[str, Any] | None:
        """The shortest target, as YAML would say it, that finds `node` alone; None when there is none."""
        wants: Wants = "field" if node.role in FIELDS else "any"
        proposals = list(self._proposals(node))
        for proposal in (*proposals, *self._narrowed(node, proposals)):
            if self._finds(proposal, wants) == [node.ref]:
                return proposal
        return next((n for p in proposals if (n := self._numbered(p, node, wants)) is not None), None)

    def _proposals(self, node: Node) -> Iterator[dict[str, Any]]:
        if node.role in CELLS and (cell := self._cell(node)) is not None:
            yield {"cell": cell}
        if node.name and len(node.name) <= MOST_WORDS and "\n" not in node.name:
            yield {"role": node.role, "name": _literal(node.name)}
        if node.role in FIELDS:
            yield from ({"label": label} for label in self._labels(node))
        if node.description and len(node.description) <= MOST_WORDS:
            yield {"role": node.role, "description": _literal(node.description)}
        yield {"role": node.role}

    def _labels(self, node: Node) -> list[str]:
        """What stands on the labels that the program ties to a field, or right beside or over it."""
        tied = [self.tree.by_ref[r] for r in self.driver.labels(node) if r in self.tree.by_ref]
        near = tied or [n for n in self.tree.nodes if n.shows and n.role in ("label", "static")]
        box = self._search.box(node)
        boxes = zip(self.driver.boxes(self.tree, near), near, strict=True)
        placed = [(b.distance(box), n) for b, n in boxes if box is not None and b is not None]
        ordered = [n for _, n in sorted(placed, key=lambda pair: pair[0])[:3]]
        said = [_literal(n.name or self.driver.text(n)) for n in ordered]
        return [words for words in said if words and (tied or len(words) <= MOST_LABEL)]

    def _cell(self, node: Node) -> dict[str, Any] | None:
        """Row and column, counted from 1, in the table that the cell is in."""
        table = next((n for n in self.tree.above(node) if "table" in n.can), None)
        shape = self.driver.shape(table) if table is not None else None
        if shape is None or not shape.columns or node.index < 0:
            return None
        row, column = divmod(node.index, shape.columns)
        heading = shape.headings[column] if column < len(shape.headings) else ""
        return {"row": row + 1, "column": heading or column + 1}

    def _narrowed(self, node: Node, proposals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The same, in what it is in."""
        for holder in self.tree.above(node):
            if holder.role in _HOLDERS and (holder.name or holder.role in ("dialog", "alert", "menubar")):
                named = {"name": _literal(holder.name)} if holder.name else {}
                yield from ({**p, "in": {"role": holder.role, **named}} for p in proposals)
        top = self.tree.window(node)
        if top is not None and top.name:
            yield from ({**p, "window": _literal(top.name)} for p in proposals)

    def _finds(self, proposal: dict[str, Any], wants: Wants) -> list[tuple[str, str]]:
        try:
            found = self._search.find(Target.model_validate(proposal), wants)
        except (ValidationError, DriverGone, DriverFrozen):
            return []
        return [n.ref for n in found]

    def _numbered(self, proposal: dict[str, Any], node: Node, wants: Wants) -> dict[str, Any] | None:
        """Which of several in reading order: the last resort among accessible things."""
        found = self._finds(proposal, wants)
        if node.ref not in found or len(found) > MOST_NTH:
            return None
        nodes = [self.tree.by_ref[ref] for ref in found if ref in self.tree.by_ref]
        boxes = zip(nodes, self.driver.boxes(self.tree, nodes), strict=True)
        places = [place_of(n, box) for n, box in boxes if box is not None]
        ordered = [p.node.ref for p in in_reading_order(places) if p.node is not None]
        return {**proposal, "nth": ordered.index(node.ref) + 1} if node.ref in ordered else None

    def at(self, x: int, y: int, boxes: dict[tuple[str, str], Box]) -> Node | None:
        """The innermost thing that shows at a point; a button rather than the label inside it."""
        holding = [n for n in self.tree.nodes if n.ref in boxes and boxes[n.ref].holds(x, y)]
        if not holding:
            return None
        inner = min(reversed(holding), key=lambda n: boxes[n.ref].area)
        if inner.role not in ("label", "static", "image", "panel", "filler", "icon"):
            return inner
        outer = next((n for n in self.tree.above(inner) if n.role not in _PASSIVE), inner)
        close = outer.ref in boxes and boxes[outer.ref].area <= 6 * max(1, boxes[inner.ref].area)
        return outer if close and outer.ref in {n.ref for n in holding} else inner


_PASSIVE = frozenset(
    {"label", "static", "image", "panel", "filler", "icon", "application", "window", "group"}
)


def _literal(words: str) -> str:
    return tidy(words)


def shown_boxes(driver: Driver, tree: Tree) -> dict[tuple[str, str], Box]:
    """Where everything that shows stands on the screen."""
    shown = [n for n in tree.nodes if n.shows]
    found = zip(shown, driver.boxes(tree, shown), strict=True)
    return {n.ref: box for n, box in found if box is not None and box.area > 0}


def yaml_of(target: Any) -> str:
    """A target in YAML's flow form, to be pasted into a step."""
    import json

    if isinstance(target, dict):
        return "{" + ", ".join(f"{k}: {yaml_of(v)}" for k, v in target.items()) + "}"
    if isinstance(target, list):
        return "[" + ", ".join(yaml_of(v) for v in target) + "]"
    if isinstance(target, str) and not _plain(target):
        return json.dumps(target.replace("${", "$${"), ensure_ascii=False)
    return str(target)


def _plain(text: str) -> bool:
    """Whether a text needs no quotes in YAML."""
    safe = all(c.isalpha() or c in " _-./" for c in text) and text[:1].isalpha() and text[-1:] != " "
    return safe and not any(same(text, word) for word in ("true", "false", "null"))

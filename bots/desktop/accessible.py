"""The first rung: finding a target among the accessible things of a program. Judgement only, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bots.desktop.driver import (
    CHECKED,
    FIELDS,
    MENU_ROLES,
    PRESSED,
    TABLES,
    WINDOWS,
    Driver,
    Node,
    Ref,
    TableShape,
    Tree,
)
from bots.desktop.geometry import Box
from bots.desktop.target import Cell, Target, Wants
from bots.desktop.words import exactly, part, same, tidy

_FAMILIES = {
    "button": {"button", "togglebutton", "menubutton"},
    "textbox": {"textbox", "password", "searchbox", "spinbutton", "editor", "terminal"},
    "menuitem": MENU_ROLES,
    "text": {"label", "static", "paragraph"},
    "table": {"table", "tree"},
    "tree": {"table", "tree"},
    "list": {"list", "listbox", "table", "tree"},
    "option": {"option", "listitem", "menuitem"},
    "dialog": {"dialog", "alert", "filechooser", "window"},
    "cell": {"cell", "gridcell", "treeitem"},
}
MOST_SCANNED_ROWS = 5000
BoxOf = Callable[[Node], Box | None]


def role_fits(wanted: str, role: str) -> bool:
    return role == wanted or role in _FAMILIES.get(wanted, ())


class TreeSearch:
    """Looks for targets in one program's tree. `driver` is asked only about the few that may fit."""

    def __init__(self, driver: Driver, tree: Tree) -> None:
        self.driver, self.tree = driver, tree
        self._texts: dict[Ref, str] = {}

    def find(self, target: Target, wants: Wants = "any") -> list[Node]:
        """All that fit, the program's own order. Anchors and `nth` are not looked at here."""
        area = self._area(target)
        if target.cell is not None:
            return [c for table in self._tables(area, target) if (c := self._cell(table, target.cell))]
        if target.row is not None:
            rows = {"*": target.row} if isinstance(target.row, str) else target.row
            return [c for table in self._tables(area, target) for c in self._row(table, rows)]
        shown = [n for n in area if n.shows and n.role != "application"]
        self._texts = {}
        found = self._named(shown, target, wants)
        return _outermost(self.tree, _same_rank(found, target))

    # ---- where to look ----
    def _area(self, target: Target) -> list[Node]:
        tops = self.tree.windows()
        if target.window is not None:
            tops = [w for w in tops if same(target.window, w.name)]
        if target.in_ is None or target.in_.rung != "accessible":
            if target.window is None:
                return list(self.tree.nodes)
            return [n for top in tops for n in self.tree.under(top)]
        holders = self.find(target.in_)
        allowed = {n.ref for top in tops for n in self.tree.under(top)} if target.window else None
        return [
            n
            for holder in holders
            for n in self.tree.under(holder)
            if n.ref != holder.ref and (allowed is None or n.ref in allowed)
        ]

    # ---- who fits ----
    def _named(self, area: list[Node], target: Target, wants: Wants) -> list[Node]:
        if target.says is not None:
            return self._called(area, target, wants)
        if target.text is not None or target.contains is not None:
            self._read([n for n in area if target.role is None or role_fits(target.role, n.role)])
        found = [n for n in area if self._fits(n, target)]
        if target.label is not None:
            labelled = self._labelled(area, target.label, FIELDS | CHECKED if wants != "check" else CHECKED)
            found = [n for n in labelled if self._fits(n, target)]
        if target.role is None and target.label is None and wants in ("press", "field", "check"):
            return _preferred(found, wants)
        return found

    def _fits(self, node: Node, target: Target) -> bool:
        if target.role is not None and not role_fits(target.role, node.role):
            return False
        if target.name is not None and not any(same(target.name, n) for n in self._names(node)):
            return False
        if target.description is not None and not same(target.description, node.description):
            return False
        if target.focused and "focused" not in node.states:
            return False
        if target.path is not None and not self._on_path(node, target.path):
            return False
        if target.text is not None and not same(target.text, self._text(node)):
            return False
        if target.contains is not None and not (
            part(target.contains, node.name) or part(target.contains, self._text(node))
        ):
            return False
        return target.window is None or target.role is not None or _says(target) or node.role in WINDOWS

    def _called(self, area: list[Node], target: Target, wants: Wants) -> list[Node]:
        """What a person would call so, in the order of what is to be done with it."""
        words = target.says or ""
        fits = [n for n in area if target.role is None or role_fits(target.role, n.role)]
        if wants in ("field", "read"):
            labelled = self._labelled(fits, words, FIELDS)
            if labelled:
                return labelled
        named = [n for n in fits if any(same(words, name) for name in self._names(n))]
        preferred = _preferred(named, wants)
        if preferred:
            return preferred
        silent = [n for n in fits if "text" in n.can and n.role not in FIELDS]
        self._read(silent)
        return [n for n in silent if same(words, self._text(n))]

    def _names(self, node: Node) -> tuple[str, ...]:
        """The names it goes by: its own, or where it has none its hint and the label inside it."""
        if node.name:
            return (node.name,)
        inside = [c.name for c in self.tree.under(node) if c.name and c.role in ("label", "static", "image")]
        return tuple(n for n in (node.description, *inside[:1]) if n)

    def _text(self, node: Node) -> str:
        if "text" not in node.can:
            return node.name
        if node.ref not in self._texts:
            self._texts[node.ref] = self.driver.text(node)
        return self._texts[node.ref]

    def _read(self, nodes: Sequence[Node]) -> None:
        """Asks for many texts at once."""
        asked = [n for n in nodes if "text" in n.can and n.ref not in self._texts]
        self._texts.update(zip((n.ref for n in asked), self.driver.texts(asked), strict=True))

    def _on_path(self, node: Node, path: Sequence[str]) -> bool:
        """Each step names something the next is in; steps may be left out between them."""
        chain = list(reversed([node, *self.tree.above(node)]))
        if not _is_called(chain[-1], path[-1]):
            return False
        rest = iter(chain[:-1])
        return all(any(_is_called(n, step) for n in rest) for step in path[:-1])

    # ---- labels ----
    def _labelled(self, area: Iterable[Node], words: str, roles: Iterable[str]) -> list[Node]:
        """Fields by their own name, by the label the program ties to them, or by the label that stands
        before them."""
        fields = [n for n in area if n.role in set(roles)]
        own = [n for n in fields if same(words, n.name)]
        if own:
            return own
        silent = [n for n in self.tree.nodes if n.shows and n.role in ("label", "static")]
        self._read([n for n in silent if not n.name])
        labels = {n.ref: n for n in silent if same(words, n.name or self._text(n))}
        if not labels:
            return []
        tied = [n for n in fields if any(ref in labels for ref in self.driver.labels(n))]
        return tied or self._beside(fields, list(labels.values()))

    def _beside(self, fields: list[Node], labels: list[Node]) -> list[Node]:
        found = {n.ref: n for label in labels for n in self._nearest(fields, label)}
        return list(found.values())

    def _nearest(self, fields: list[Node], label: Node) -> list[Node]:
        """The field on the label's line to its right, else the one right under it."""
        start = self.box(label)
        if start is None:
            return []
        boxes = [(n, b) for n, b in zip(fields, self.driver.boxes(self.tree, fields), strict=True) if b]
        right = [(b.x - start.right, n) for n, b in boxes if on_line(start, b) and b.x >= start.right - 4]
        under = [
            (b.y - start.bottom, n)
            for n, b in boxes
            if b.y >= start.bottom - 4
            and b.y - start.bottom < 2 * start.height
            and b.x < start.right
            and b.right > start.x
        ]
        best = min(right or under, key=lambda pair: pair[0], default=None)
        return [best[1]] if best is not None else []

    def box(self, node: Node) -> Box | None:
        return self.driver.box(self.tree.application, self.tree.window(node), node)

    # ---- tables ----
    def _tables(self, area: list[Node], target: Target) -> list[Node]:
        """Tables in the area; when the area is inside a table, that table."""
        found = [n for n in area if "table" in n.can and n.role in TABLES and "visible" in n.states]
        if target.in_ is not None and target.in_.rung == "accessible":
            found += [n for n in self.find(target.in_) if "table" in n.can]
        return [n for n in found if "showing" in n.states] or found

    def _cell(self, table: Node, cell: Cell) -> Node | None:
        shape = self.driver.shape(table)
        if shape is None:
            return None
        column = column_number(shape, cell.column)
        row = self.row_number(table, shape, cell.row) if isinstance(cell.row, dict) else cell.row - 1
        if column is None or row is None or row >= shape.rows or column >= shape.columns:
            return None
        return self.driver.cells(table, [(row, column)])[0]

    def row_number(self, table: Node, shape: TableShape, wanted: dict[str, str]) -> int | None:
        """The only row whose cells fit, from 0. None when there is none or more than one."""
        found = self.rows_like(table, shape, wanted)
        return found[0] if len(found) == 1 else None

    def rows_like(self, table: Node, shape: TableShape, wanted: dict[str, str]) -> list[int]:
        """Rows whose cells fit; `*` as a column means any of them."""
        columns = {
            name: range(shape.columns) if name == "*" else [column_number(shape, name)] for name in wanted
        }
        if any(None in numbers for numbers in columns.values()):
            return []
        count = min(shape.rows, MOST_SCANNED_ROWS)
        places = [
            (row, n) for row in range(count) for numbers in columns.values() for n in numbers if n is not None
        ]
        texts = dict(zip(places, self.cell_texts(table, places), strict=True))
        return [
            row
            for row in range(count)
            if all(
                any(n is not None and same(wanted[name], texts[row, n]) for n in numbers)
                for name, numbers in columns.items()
            )
        ]

    def _row(self, table: Node, wanted: dict[str, str]) -> list[Node]:
        """The cell of each fitting row that stands for it: that of the first column said, else the first."""
        shape = self.driver.shape(table)
        if shape is None or not shape.columns:
            return []
        column = next((n for name in wanted if (n := column_number(shape, name)) is not None), 0)
        rows = self.rows_like(table, shape, wanted)
        return [c for c in self.driver.cells(table, [(row, column) for row in rows]) if c is not None]

    def cell_texts(self, table: Node, places: Sequence[tuple[int, int]]) -> list[str]:
        """What stands in the cells, by (row, column) from 0."""
        cells = self.driver.cells(table, places)
        there = [c for c in cells if c is not None]
        texts = dict(zip((c.ref for c in there), self.driver.texts(there), strict=True))
        return ["" if c is None else tidy(texts[c.ref] or c.name) for c in cells]


def column_number(shape: TableShape, column: int | str) -> int | None:
    """A column from 0: by number from 1, by heading, or by letter where the table has no such heading."""
    if isinstance(column, int):
        return column - 1
    found = [i for i, heading in enumerate(shape.headings) if same(column, heading)]
    if len(found) == 1:
        return found[0]
    if column.isdigit():
        return int(column) - 1
    letters = column.upper()
    if len(letters) <= 3 and letters.isascii() and letters.isalpha():
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        return number - 1 if number <= shape.columns else None
    return None


def on_line(first: Box, other: Box) -> bool:
    """Whether two things stand on one line: they share half the height of the lower one."""
    shared = min(first.bottom, other.bottom) - max(first.y, other.y)
    return shared * 2 >= min(first.height, other.height)


def _says(target: Target) -> bool:
    said = (target.name, target.label, target.text, target.contains, target.description, target.path)
    return any(said) or target.focused


def _is_called(node: Node, step: str) -> bool:
    return same(step, node.name) or role_fits(step, node.role)


def _preferred(nodes: list[Node], wants: Wants) -> list[Node]:
    """Of several with one name, those made for what is to be done."""
    if wants == "press":
        return [n for n in nodes if n.role in PRESSED] or [n for n in nodes if n.role not in FIELDS] or nodes
    if wants == "field":
        return [n for n in nodes if n.role in FIELDS]
    if wants == "check":
        return [n for n in nodes if n.role in CHECKED]
    return nodes


def _same_rank(nodes: list[Node], target: Target) -> list[Node]:
    """Of several that fit loosely, those that fit letter by letter, else those that fit but for case."""
    words = target.says or target.name
    if words is None or len(nodes) < 2:
        return nodes
    exact = [n for n in nodes if exactly(words, n.name)]
    return exact or [n for n in nodes if exactly(words.casefold(), n.name.casefold())] or nodes


def _outermost(tree: Tree, nodes: list[Node]) -> list[Node]:
    """A button and the label inside it are one thing: the inner ones of a chain with one name are dropped."""
    refs = {n.ref: n for n in nodes}
    return [
        n
        for n in nodes
        if not any(a.ref in refs and (refs[a.ref].name == n.name or not n.name) for a in tree.above(n))
    ]

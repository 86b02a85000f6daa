"""Whose is it? The party that a tax id, a representative or an address line belongs to, by where it
stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocr.doctypes.model import FieldSpec, Role
from ocr.fields.binding import Marked
from ocr.fields.finder import Candidate
from ocr.fields.labels import LabelHit
from ocr.fields.sheet import Segment, fold

_SUPPLIER_WORDS = ("공급자", "공급하는자", "공 급 자", "판매자")
_BUYER_WORDS = ("공급받는자", "공급 받는자", "구매자", "귀하")
_REACH = 16


def role_of_hit(marked: Marked, hit: LabelHit, specs: Sequence[FieldSpec]) -> Role | None:
    """The role of a label that both parties' fields share: first in its row is the supplier, second
    the buyer;
    alone in its row, the side of the page on which it stands; None where the label names one role only."""
    roles = {spec.role for spec in specs}
    if roles != {"supplier", "buyer"}:
        return None
    page = marked.page_of(hit.segment)
    twins = [h for s in page.rows[hit.segment.row] for h in marked.labels_of(s) if h.label is hit.label]
    if len(twins) > 1:
        return "supplier" if twins[0] is hit else "buyer"
    x0, _ = hit.segment.x_at(hit.start, hit.end, page.width)
    heading = _heading_above(marked, hit)
    return heading or ("supplier" if x0 < 0.48 * page.width else "buyer")


def _heading_above(marked: Marked, hit: LabelHit) -> Role | None:
    """The party heading over the label, where parties stand one under the other."""
    page = marked.page_of(hit.segment)
    headings = [
        (s, role) for s in page.segments if (role := _heading(s)) is not None and s.y0 < hit.segment.y1
    ]
    if len({role for _, role in headings}) < 2 or _side_by_side([s for s, _ in headings]):
        return None
    return headings[-1][1]


def _side_by_side(segments: Sequence[Segment]) -> bool:
    return any(
        a is not b and abs(a.mid - b.mid) < 3 * a.height and abs(a.x0 - b.x0) > 10 * a.height
        for a in segments
        for b in segments
    )


def _heading(segment: Segment) -> Role | None:
    text = fold(segment.text).replace(" ", "")[:12]
    if any(text.startswith(word.replace(" ", "")) for word in _BUYER_WORDS):
        return "buyer"
    return "supplier" if any(text.startswith(word.replace(" ", "")) for word in _SUPPLIER_WORDS) else None


def give_to_buyer(marked: Marked, found: dict[str, list[Candidate]]) -> None:
    """Move tax ids that stand in the buyer's part of the page from the supplier's field to the buyer's."""
    specs = marked.doctype.fields.values()
    sellers = [s.name for s in specs if s.type == "tax_id" and s.role == "supplier"]
    buyers = [s.name for s in specs if s.type == "tax_id" and s.role == "buyer"]
    if not sellers or not buyers:
        return
    anchors = _anchors(marked, found)
    for item in list(found[sellers[0]]):
        if _nearest_role(marked, item, anchors) == "buyer":
            found[sellers[0]].remove(item)
            moved = Candidate(
                buyers[0],
                item.value,
                item.raw,
                item.words,
                item.how,
                item.score,
                item.features,
                item.other_value,
            )
            found[buyers[0]].append(moved)


Anchor = tuple[Segment, Role]


def _anchors(marked: Marked, found: dict[str, list[Candidate]]) -> list[Anchor]:
    """Where the parties are: their labels, and their names as far as found."""
    roles = {s.name: s.role for s in marked.doctype.fields.values() if s.type == "name" and s.role}
    anchors: list[Anchor] = []
    for hit in marked.hits:
        named = {roles[name] for name in hit.label.names if name in roles}
        if len(named) == 1 and hit.leads:
            anchors.append((hit.segment, named.pop()))
    for name, role in roles.items():
        for item in found.get(name, [])[:1]:
            anchors += [(s, role) for s in marked.sheet.segments if item.words[0] in s.words]
    return anchors


def _nearest_role(marked: Marked, item: Candidate, anchors: Sequence[Anchor]) -> Role | None:
    """The role of the nearest anchor above in the same column, if it is near."""
    segment = next((s for s in marked.sheet.segments if item.words[0] in s.words), None)
    if segment is None:
        return None
    page = marked.page_of(segment)
    row = page.rows[segment.row]
    lefts = [s.x0 for s in row if s.x0 <= segment.x0]
    near: list[tuple[float, Role]] = []
    for anchor, role in anchors:
        drop = (segment.y0 - anchor.y0) / page.unit
        aligned = any(abs(anchor.x0 - left) <= 4 * page.unit for left in lefts[-2:])
        if anchor.page == segment.page and aligned and -0.5 <= drop <= _REACH:
            near.append((drop, role))
    return min(near)[1] if near else None

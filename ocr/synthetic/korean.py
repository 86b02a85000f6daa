"""전자세금계산서: two parties side by side in ruled boxes, sums, items, the way of payment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from ocr.synthetic import names
from ocr.synthetic.deal import Deal, Item, Party, plain
from ocr.synthetic.draft import look
from ocr.synthetic.scene import Colour, Mark, Role
from ocr.synthetic.sheet import Align, Sheet

RED: Colour = (200, 40, 40)
BLUE: Colour = (30, 70, 170)
ITEM_FIELDS = (
    "month",
    "day",
    "item",
    "spec",
    "quantity",
    "unit_price",
    "supply_amount",
    "tax_amount",
    "remark",
)


@dataclass(frozen=True, slots=True)
class Box:
    """A cell of the form. `weight` shares out the row's width."""

    text: str
    weight: float
    mark: Mark | None = None
    value: str | None = None
    label: bool = False
    align: Align = "l"


class Form:
    """Draws rows of ruled cells."""

    def __init__(self, sheet: Sheet, x0: float, x1: float, size: float, colour: Colour, fill: bool) -> None:
        self.sheet, self.x0, self.x1, self.size = sheet, x0, x1, size
        self.colour = colour
        share = 0.1
        tint = [round(255 - (255 - c) * share) for c in colour]
        self.fill: Colour | None = (tint[0], tint[1], tint[2]) if fill else None

    def row(
        self, cells: list[Box], y: float, height: float, x0: float | None = None, x1: float | None = None
    ) -> float:
        """One row between `x0` and `x1`. Returns the y below."""
        x0, x1 = self.x0 if x0 is None else x0, self.x1 if x1 is None else x1
        total = sum(c.weight for c in cells)
        at = x0
        for cell in cells:
            end = at + (x1 - x0) * cell.weight / total
            self.cell(cell, at, y, end, y + height)
            at = end
        return y + height

    def cell(self, cell: Box, x0: float, y0: float, x1: float, y1: float) -> None:
        """One cell with its text, wrapped and centred in height."""
        self.sheet.box(x0, y0, x1, y1, stroke=self.colour, fill=self.fill if cell.label else None, width=0.5)
        room = x1 - x0 - 5
        size = self.size if cell.label else self.size * 1.0
        lines = self.sheet.wrap(cell.text, room, size=size)
        while len(lines) * size * 1.2 > y1 - y0 and size > 4.5:
            size *= 0.9
            lines = self.sheet.wrap(cell.text, room, size=size)
        top = (y0 + y1) / 2 - len(lines) * size * 1.15 / 2
        align: Align = "c" if cell.label else cell.align
        for k, text in enumerate(lines):
            at = {"l": x0 + 3, "r": x1 - 3, "c": (x0 + x1) / 2}[align]
            colour = self.colour if cell.label else (20, 20, 20)
            fitted = self.sheet.fit(text, room, size)
            self.sheet.say(
                text,
                at,
                top + k * size * 1.15,
                size=fitted,
                align=align,
                mark=cell.mark,
                value=cell.value if k == 0 else None,
                colour=colour,
            )

    def upright(self, text: str, x0: float, y0: float, x1: float, y1: float, role: Role) -> None:
        """A label whose letters stand below each other."""
        self.sheet.box(x0, y0, x1, y1, stroke=self.colour, fill=self.fill, width=0.5)
        step = (y1 - y0) / (len(text) + 1)
        for i, letter in enumerate(text):
            self.sheet.say(
                letter,
                (x0 + x1) / 2,
                y0 + step * (i + 0.6),
                size=self.size,
                align="c",
                colour=self.colour,
                mark=Mark(role),
            )


def tax_invoice(deal: Deal, style: Random) -> Sheet:
    """The whole form on a full or half A4 page."""
    chosen = look(True, style)
    width, height = style.choice(((595.0, 842.0), (595.0, 842.0), (595.0, 420.0)))
    sheet = Sheet(width, height, chosen.family, style.uniform(7.2, 8.8))
    margin = style.uniform(26, 44)
    form = Form(
        sheet,
        margin,
        width - margin,
        sheet.size,
        style.choice((RED, BLUE, BLUE, (40, 40, 40))),
        style.random() < 0.6,
    )
    y = _head(form, deal, style, margin)
    y = _parties(form, deal, style, y)
    y = _sums(form, deal, style, y)
    room = height - margin - y - 50
    y = _items(form, deal, style, y, room)
    _foot(form, deal, style, y)
    return sheet


def _head(form: Form, deal: Deal, style: Random, y: float) -> float:
    sheet = form.sheet
    title = style.choice(
        ("전자세금계산서", "전자세금계산서", "전 자 세 금 계 산 서", "세금계산서", "전자(세금)계산서")
    )
    if style.random() < 0.5:
        title += style.choice((" (공급받는자 보관용)", "(공급자 보관용)", " (공급받는자보관용)"))
    approval = deal.extra["approval"]
    shown = style.random() < 0.92 or "demo" in deal.extra
    label = style.choice(("승인번호", "승인 번호", "국세청승인번호"))
    if style.random() < 0.5:
        cells = [Box(title, 3.4, Mark("title"), align="c")]
        if shown:
            cells += [
                Box(label, 0.9, Mark("meta", None, None, "label"), label=True),
                Box(approval, 2.2, Mark("meta", "approval_number"), approval),
            ]
        return form.row(cells, y, 26)
    sheet.say(
        title,
        sheet.width / 2,
        y,
        size=form.size * 1.9,
        bold=True,
        align="c",
        mark=Mark("title"),
        colour=form.colour,
    )
    y += form.size * 2.6
    if shown:
        form.sheet.say(f"{label}:", form.x0, y, mark=Mark("meta", None, None, "label"))
        form.sheet.say(
            approval,
            form.x0 + sheet.measure(f"{label}: "),
            y,
            mark=Mark("meta", "approval_number"),
            value=approval,
        )
        y += form.size * 1.6
    return y


def _parties(form: Form, deal: Deal, style: Random, y: float) -> float:
    middle = (form.x0 + form.x1) / 2
    strip, height = 16.0, style.uniform(18, 24)
    mails = style.random() < 0.6
    gap = style.choice((0.0, 0.0, 4.0))
    wordings = _party_labels(style)
    low = y
    for side, party, x0, x1, title in (
        ("supplier", deal.supplier, form.x0, middle - gap / 2, style.choice(("공급자", "공급자"))),
        ("buyer", deal.buyer, middle + gap / 2, form.x1, "공급받는자"),
    ):
        low = _party(form, side, party, (x0 + strip, y, x1), height, mails, wordings)
        form.upright(title, x0, y, x0 + strip, low, "supplier" if side == "supplier" else "buyer")
    return low + gap


def _party(
    form: Form,
    side: str,
    party: Party,
    place: tuple[float, float, float],
    height: float,
    mails: bool,
    wordings: dict[str, str],
) -> float:
    x0, y, x1 = place
    role: Role = "supplier" if side == "supplier" else "buyer"

    def label(key: str, weight: float = 1.0) -> Box:
        return Box(wordings[key], weight, Mark(role, None, None, "label"), label=True)

    def value(key: str, text: str, weight: float) -> Box:
        return Box(text, weight, Mark(role, f"{side}_{key}"), text)

    y = form.row(
        [label("number"), value("business_number", party.tax_id, 2.2), label("branch", 0.9), Box("", 0.9)],
        y,
        height,
        x0,
        x1,
    )
    y = form.row(
        [
            label("name"),
            value("name", party.name, 2.2),
            label("person", 0.9),
            value("representative", party.person, 0.9),
        ],
        y,
        height,
        x0,
        x1,
    )
    y = form.row([label("address"), value("address", " ".join(party.address), 4)], y, height * 1.1, x0, x1)
    y = form.row(
        [
            label("type"),
            value("business_type", party.business_type, 1.5),
            label("item", 0.7),
            value("business_item", party.business_item, 1.8),
        ],
        y,
        height,
        x0,
        x1,
    )
    if mails:
        y = form.row([label("mail"), Box(party.email, 4, Mark(role))], y, height, x0, x1)
    return y


def _party_labels(source: Random) -> dict[str, str]:
    """The wordings of the party boxes, the same for both parties."""
    return {
        "number": source.choice(("등록번호", "등록 번호", "사업자등록번호")),
        "branch": source.choice(("종사업장번호", "종사업장")),
        "name": source.choice(("상호(법인명)", "상호", "상 호", "법인명")),
        "person": source.choice(("성명", "성명(대표자)", "대표자", "성 명")),
        "address": source.choice(("사업장주소", "사업장", "사업장 주소", "주소")),
        "type": source.choice(("업태", "업 태")),
        "item": source.choice(("종목", "종 목")),
        "mail": source.choice(("이메일", "E-mail")),
    }


def _sums(form: Form, deal: Deal, style: Random, y: float) -> float:
    day = _day(deal, style)
    number = f"{deal.net:,.0f}", f"{deal.tax:,.0f}"
    remark = deal.extra.get("remark", "")
    heads = [
        Box(
            style.choice(("작성일자", "작성 일자", "작성")),
            1.2,
            Mark("meta", None, None, "label"),
            label=True,
        ),
        Box(style.choice(("공급가액", "공급 가액")), 1.6, Mark("totals", None, None, "label"), label=True),
        Box(style.choice(("세액", "세 액")), 1.4, Mark("totals", None, None, "label"), label=True),
        Box(style.choice(("수정사유", "비고")), 1.6, label=True),
    ]
    align: Align = style.choice(("c", "r", "l"))
    values = [
        Box(day, 1.2, Mark("meta", "issue_date"), deal.issued.isoformat(), align="c"),
        Box(number[0], 1.6, Mark("totals", "supply_amount"), plain(deal.net, 0), align=align),
        Box(number[1], 1.4, Mark("totals", "tax_amount"), plain(deal.tax, 0), align=align),
        Box(
            remark if heads[3].text == "비고" else "해당 없음",
            1.6,
            Mark("meta", "remark") if heads[3].text == "비고" and remark else None,
            remark or None,
        ),
    ]
    y = form.row(heads, y, 16)
    y = form.row(values, y, 19)
    if heads[3].text != "비고" and remark:
        y = form.row([Box("비고", 1, label=True), Box(remark, 6, Mark("meta", "remark"), remark)], y, 17)
    return y


def _day(deal: Deal, style: Random) -> str:
    day = deal.issued
    return style.choice(
        (
            f"{day:%Y-%m-%d}",
            f"{day:%Y/%m/%d}",
            f"{day:%Y.%m.%d}",
            f"{day:%Y-%m-%d}",
            f"{day.year}년 {day.month}월 {day.day}일",
            f"{day:%Y%m%d}",
        )
    )


def _items(form: Form, deal: Deal, style: Random, y: float, room: float) -> float:
    titles = (
        style.choice(("월",)),
        "일",
        style.choice(("품목", "품 목", "품명")),
        "규격",
        "수량",
        "단가",
        style.choice(("공급가액", "공급 가액")),
        "세액",
        "비고",
    )
    weights = (0.4, 0.4, 2.8, 0.8, 0.8, 1.2, 1.5, 1.2, 0.9)
    aligns: tuple[Align, ...] = ("c", "c", "l", "c", "r", "r", "r", "r", "l")
    height = min(18.0, room / (max(4, len(deal.items)) + 1))
    y = form.row(
        [Box(t, w, Mark("item_header"), label=True) for t, w in zip(titles, weights, strict=True)], y, height
    )
    empty_specs = style.random() < 0.4
    for index in range(max(len(deal.items), style.choice((1, 2, 4)))):
        texts = (
            _item_texts(deal, deal.items[index], empty_specs) if index < len(deal.items) else [("", "")] * 9
        )
        cells = [
            Box(text, w, Mark("item", name, index), value, align=a)
            for (text, value), name, w, a in zip(texts, ITEM_FIELDS, weights, aligns, strict=True)
        ]
        y = form.row(cells, y, height)
    return y


def _item_texts(deal: Deal, item: Item, no_spec: bool) -> list[tuple[str, str]]:
    spec = "" if no_spec else item.spec
    quantity = f"{item.quantity.normalize():f}"
    return [
        (f"{deal.issued:%m}", str(deal.issued.month)),
        (f"{deal.issued:%d}", str(deal.issued.day)),
        (item.description, item.description),
        (spec, spec),
        (f"{item.quantity.normalize():,f}", quantity),
        (f"{item.unit_price:,.0f}", plain(item.unit_price, 0)),
        (f"{item.amount:,.0f}", plain(item.amount, 0)),
        (f"{item.tax_amount:,.0f}", plain(item.tax_amount, 0)),
        ("", ""),
    ]


def _foot(form: Form, deal: Deal, style: Random, y: float) -> None:
    claim = style.choice(("청구", "영수", "청구"))
    sentence = style.choice((f"이 금액을 ( {claim} ) 함", f"위 금액을 {claim} 함", f"이 금액을 ({claim})함"))
    titles = (style.choice(("합계금액", "합계 금액", "합 계 금 액")), "현금", "수표", "어음", "외상미수금")
    weights = (1.5, 1.2, 1.0, 1.0, 1.3)
    side = form.x0 + (form.x1 - form.x0) * 0.76
    heads = [
        Box(t, w, Mark("totals", None, None, "label"), label=True)
        for t, w in zip(titles, weights, strict=True)
    ]
    total = f"{deal.gross:,.0f}"
    slot = style.choice((1, 4, 4, 0))
    texts = [Box(total, weights[0], Mark("totals", "total_amount"), plain(deal.gross, 0), align="r")]
    texts += [Box(total if i == slot else "", weights[i], Mark("totals"), align="r") for i in range(1, 5)]
    low = form.row(heads, y, 16, form.x0, side)
    low = form.row(texts, low, 18, form.x0, side)
    form.cell(Box(sentence, 1, Mark("footer"), align="c"), side, y, form.x1, low)
    if style.random() < 0.4:
        note = (
            "본 전자세금계산서는 국세청 고시에 따라 발급되었습니다."
            if style.random() < 0.5
            else "본 문서는 전자서명법에 의하여 발행된 전자세금계산서입니다."
        )
        form.sheet.say(note, form.x0, low + 6, size=form.size * 0.85, mark=Mark("footer"))


def with_form_data(deal: Deal, rng: Random) -> Deal:
    """The deal with an approval number, a remark, and taxes per line that add up to the tax."""
    rate = deal.items[0].tax_rate
    items = tuple(
        replace(item, tax_amount=(item.amount * rate / 100).quantize(item.amount)) for item in deal.items
    )
    tax = sum((item.tax_amount for item in items), deal.tax * 0)
    net = sum((item.amount for item in items), deal.tax * 0)
    issuer, serial = rng.choice(("########", "41000016", "10000000")), names.fill("########", rng)
    approval = f"{deal.issued:%Y%m%d}-{names.fill(issuer, rng)}-{serial}"
    extra = {"approval": approval}
    if rng.random() < 0.25:
        extra["remark"] = rng.choice(
            (f"{deal.issued.month}월분 대금", "선입금 완료", "계약금", f"발주번호 {deal.number}", "정기 납품")
        )
    return replace(deal, items=items, net=net, tax=tax, gross=net + tax, extra=extra)

"""Bank slips and filled forms: pages made of questions and answers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from ocr.synthetic import goods, identifiers, names
from ocr.synthetic.deal import BANKS, Deal, plain
from ocr.synthetic.draft import Draft, look
from ocr.synthetic.flourish import rubber_stamp, seal, signature
from ocr.synthetic.fonts import Family, families
from ocr.synthetic.form_words import FORMS, SLIPS
from ocr.synthetic.formats import choose
from ocr.synthetic.scene import Colour, Mark
from ocr.synthetic.sheet import Sheet

PEN: Colour = (25, 35, 110)


@dataclass(frozen=True, slots=True)
class Question:
    """`field` is the answer's field, if the doctype has one."""

    label: str
    answer: str
    field: str | None = None
    value: str | None = None


def _account(deal: Deal, rng: Random) -> str:
    if identifiers.has_iban(deal.region):
        return identifiers.iban(deal.region, rng, spaced=True)
    return names.fill(
        rng.choice(("###-######-##-###", "####-##-#######", "##########", "###-##-######")), rng
    )


def bank_slip(deal: Deal, style: Random) -> Sheet:
    """A confirmation of one transfer."""
    chosen = look(deal.region.language == "ko", style, size=(8.5, 11.5))
    width, height = style.choice(((420.0, 595.0), (595.0, 420.0), (595.0, 842.0), (360.0, 640.0)))
    sheet = Sheet(width, height, chosen.family, chosen.size)
    fmt = choose(deal.region.habits, deal.region.language, deal.currency, style)
    draft = Draft(sheet, deal, fmt, chosen, style, frozenset())
    words = SLIPS[deal.region.language]
    bank = deal.bank
    y = chosen.margin
    if style.random() < 0.7:
        sheet.say(
            bank,
            draft.left,
            y,
            size=chosen.size * 1.5,
            bold=True,
            colour=chosen.accent,
            mark=Mark("supplier", "bank"),
            value=bank,
        )
        y += chosen.size * 2.4
    sheet.say(
        style.choice(words["title"]),
        sheet.width / 2,
        y,
        size=chosen.size * 1.7,
        bold=True,
        align="c",
        mark=Mark("title"),
    )
    y = ask(draft, _transfer(draft, words), y + chosen.size * 3)
    if style.random() < 0.5 and y + 40 < height:
        rubber_stamp(sheet, draft.right - 110, y + 4, style.choice(words["stamp"]), style)
    return sheet


def _transfer(draft: Draft, words: dict[str, tuple[str, ...]]) -> list[Question]:
    deal, fmt, rng = draft.deal, draft.fmt, draft.rng
    fee = goods.price(goods.Good("", "", 0.5, 5), deal.currency, rng)
    payee, payer = _account(deal, rng), _account(deal, rng)
    is_iban = identifiers.has_iban(deal.region)
    money = fmt.money(deal.gross)
    if fmt.symbol and fmt.symbol in money:
        draft.sheet.fields["currency"] = deal.currency
    moment = fmt.day(deal.issued) + (f" {deal.at:%H:%M:%S}" if rng.random() < 0.4 else "")
    payee_bank = rng.choice(BANKS[deal.region.language])
    known = [
        ("date", moment, "date", deal.issued.isoformat()),
        ("reference", deal.number, "reference", deal.number),
        ("payer_name", deal.buyer.name, "payer_name", deal.buyer.name),
        ("payer_account", payer, "payer_account", payer),
        ("payee_name", deal.supplier.name, "payee_name", deal.supplier.name),
        ("payee_bank", payee_bank, "payee_bank", payee_bank),
        (
            "payee_iban" if is_iban else "payee_account",
            payee,
            "iban" if is_iban else "payee_account",
            payee.replace(" ", "") if is_iban else payee,
        ),
        ("amount", money, "amount", plain(deal.gross, fmt.places)),
        ("fee", fmt.money(fee), "fee", plain(fee, fmt.places)),
        ("text", deal.order_reference, "remittance_text", deal.order_reference),
    ]
    needed = {"date", "payee_name", "amount"}
    return [
        Question(rng.choice(words[key]), text, name, value)
        for key, text, name, value in known
        if key in needed or rng.random() < 0.8
    ]


def form(deal: Deal, style: Random) -> Sheet:
    """A filled form with arbitrary questions, the answers printed or by hand."""
    language = deal.region.language
    chosen = look(language == "ko", style, size=(8.5, 10.5))
    sheet = Sheet(595.0, 842.0, chosen.family, chosen.size)
    fmt = choose(deal.region.habits, language, deal.currency, style)
    draft = Draft(sheet, deal, fmt, chosen, style, frozenset())
    words = FORMS[language]
    y = chosen.margin
    sheet.say(
        style.choice(words["title"]),
        sheet.width / 2,
        y,
        size=chosen.size * 2,
        bold=True,
        align="c",
        mark=Mark("title"),
    )
    y += chosen.size * 4
    hand = _hand(language, style)
    for section in style.sample(words["section"], style.randint(1, min(3, len(words["section"])))):
        if style.random() < 0.7:
            sheet.say(
                section,
                draft.left,
                y,
                bold=True,
                size=chosen.size * 1.15,
                colour=chosen.accent,
                mark=Mark("other"),
            )
            y += chosen.size * 2
        y = ask(draft, _questions(draft, words), y, hand) + chosen.size
        if y > sheet.height - 260:
            break
    _declaration(draft, words, y, hand)
    return sheet


def _hand(language: str, style: Random) -> Family | None:
    pens = [f for f in families(True) if f.kind == "hand"] if language == "ko" or style.random() < 0.5 else []
    return style.choice(pens) if pens and style.random() < 0.5 else None


def _questions(draft: Draft, words: dict[str, tuple[str, ...]]) -> list[Question]:
    """Questions whose answers fit their kind."""
    deal, rng, fmt = draft.deal, draft.rng, draft.fmt
    region = deal.region
    makers = {
        "name": lambda: names.person(region, rng),
        "company": lambda: names.company(region, rng),
        "address": lambda: ", ".join(part.rstrip(",") for part in names.address(region, rng)),
        "phone": lambda: names.fill(rng.choice(region.phone), rng),
        "date": lambda: fmt.day(deal.issued.replace(day=rng.randint(1, 28))),
        "email": lambda: deal.supplier.email,
        "number": lambda: names.fill(rng.choice(("####", "##-####", "@#####")), rng),
        "money": lambda: fmt.money(Decimal(rng.randint(10, 9000)) * (1000 if deal.currency == "KRW" else 1)),
        "text": lambda: rng.choice(goods.TRADE[region.language]).text,
    }
    chosen = rng.sample([(kind, text) for kind in makers for text in words.get(kind, ())], rng.randint(4, 9))
    return [Question(text, makers[kind]() if rng.random() < 0.93 else "") for kind, text in chosen]


def ask(draft: Draft, questions: list[Question], y: float, hand: Family | None = None) -> float:
    """Print questions with their answers in one of the usual arrangements."""
    wide = draft.sheet.width > 500
    arrange = draft.rng.choice((_lined, _table, _stack, _pairs if wide else _table, _table))
    return arrange(draft, questions, y, hand)


def _answer(
    draft: Draft, q: Question, x: float, y: float, link: int, hand: Family | None, room: float
) -> None:
    if not q.answer:
        return
    size = draft.look.size * (1.45 if hand else 1.0)
    width = (
        sum(hand.regular.width(w + " ", size) for w in q.answer.split())
        if hand
        else draft.sheet.measure(q.answer, size)
    )
    size = size if width <= room else max(size * 0.6, size * room / width)
    colour = PEN if hand else (20, 20, 20)
    draft.sheet.say(
        q.answer,
        x,
        y - (size * 0.25 if hand else 0),
        size=size,
        family=hand,
        colour=colour,
        mark=Mark("meta", q.field, None, "value", link),
        value=q.value,
    )


def _label(draft: Draft, text: str, x: float, y: float, link: int, room: float | None = None) -> float:
    bold = draft.look.bold_labels
    size = draft.look.size if room is None else draft.sheet.fit(text, room, draft.look.size, bold)
    return draft.sheet.say(text, x, y, size=size, bold=bold, mark=Mark("meta", None, None, "label", link))


def _lined(draft: Draft, questions: list[Question], y: float, hand: Family | None) -> float:
    """The answer on a line behind the label."""
    for q in questions:
        link = draft.sheet.new_link()
        end = _label(draft, q.label + draft.look.colon, draft.left, y, link) + 8
        _answer(draft, q, end, y, link, hand, draft.right - end)
        draft.sheet.rule(
            end - 3, y + draft.look.size * 1.15, draft.right, y + draft.look.size * 1.15, width=0.4
        )
        y += draft.look.size * 2.2
    return y


def _table(draft: Draft, questions: list[Question], y: float, hand: Family | None) -> float:
    """Ruled cells, labels left."""
    look, height = draft.look, draft.look.size * 2.3
    split = draft.left + (draft.right - draft.left) * draft.rng.uniform(0.24, 0.36) * (
        1.0 if draft.sheet.width > 500 else 1.35
    )
    for q in questions:
        link = draft.sheet.new_link()
        draft.sheet.box(draft.left, y, split, y + height, fill=look.tint, width=0.5)
        draft.sheet.box(split, y, draft.right, y + height, width=0.5)
        _label(draft, q.label, draft.left + 4, y + look.size * 0.6, link, split - draft.left - 8)
        _answer(draft, q, split + 5, y + look.size * 0.6, link, hand, draft.right - split - 10)
        y += height
    return y


def _stack(draft: Draft, questions: list[Question], y: float, hand: Family | None) -> float:
    """Two columns of boxes with a small label above the answer."""
    look, half = draft.look, (draft.right - draft.left) / 2
    height = look.size * 3.1
    for i, q in enumerate(questions):
        x, top = draft.left + (i % 2) * half, y + (i // 2) * height
        link = draft.sheet.new_link()
        draft.sheet.box(x, top, x + half, top + height, width=0.5)
        _label(draft, q.label, x + 3, top + 2, link, half - 6)
        _answer(draft, q, x + 6, top + look.size * 1.6, link, hand, half - 12)
    return y + (len(questions) + 1) // 2 * height


def _pairs(draft: Draft, questions: list[Question], y: float, hand: Family | None) -> float:
    """Two pairs a row without rules."""
    half = (draft.right - draft.left) / 2
    column = half * 0.4
    for i, q in enumerate(questions):
        x, link = draft.left + (i % 2) * half, draft.sheet.new_link()
        _label(draft, q.label + draft.look.colon, x, y, link, column - 4)
        _answer(draft, q, x + column, y, link, hand, half - column - 8)
        if i % 2 or i == len(questions) - 1:
            y += draft.look.size * 2
    return y


def _declaration(draft: Draft, words: dict[str, tuple[str, ...]], y: float, hand: Family | None) -> None:
    sheet, rng = draft.sheet, draft.rng
    for part in sheet.wrap(rng.choice(words["declaration"]), draft.right - draft.left):
        sheet.say(part, draft.left, y, mark=Mark("footer"))
        y += draft.step
    y += draft.step
    person = names.person(draft.deal.region, rng)
    ask_size = draft.look.size
    for label, answer in (
        (rng.choice(words["date"]), draft.fmt.day(draft.deal.issued)),
        (rng.choice(words["sign"]), person),
    ):
        link = sheet.new_link()
        end = _label(draft, label + draft.look.colon, draft.left + 230, y, link) + 8
        _answer(draft, Question(label, answer), end, y, link, hand, draft.right - end)
        y += ask_size * 2
    if draft.language == "ko":
        seal(sheet, draft.right - 40, y - ask_size * 1.4, person, 24, rng)
    elif rng.random() < 0.6:
        signature(sheet, draft.left + 300, y + 6, 90, rng)

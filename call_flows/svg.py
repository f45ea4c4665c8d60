"""Draws a flow as a picture of cards and lines, in SVG, without any drawing program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from call_flows.book import Flow, FlowBook
from call_flows.cards import Card, cards_of, columns_of, is_step, short

WIDTH = 270
GAP_X = 70
GAP_Y = 22
LINE = 18
HEAD = 24
MARGIN = 24
COLOURS = {
    "menu": "#1d4f91",
    "collect": "#6b3fa0",
    "survey": "#6b3fa0",
    "play": "#3c6e47",
    "broadcast": "#3c6e47",
    "queue": "#a85b00",
    "call_back": "#a85b00",
    "hang_up": "#8c1c2b",
    "look_up": "#0b7285",
    "open": "#0b7285",
    "choose": "#5c5f66",
    "speak": "#5c5f66",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    card: Card
    column: int
    x: int
    y: int

    @property
    def height(self) -> int:
        return HEAD * len(self.card.steps) + LINE * (len(self.card.rows) + 1) + 8

    def row_y(self, index: int) -> int:
        return self.y + HEAD * len(self.card.steps) + LINE * (index + 2) - 5


def picture(book: FlowBook, flow: Flow) -> str:
    """Return a flow's picture as an SVG document."""
    placed = _place(cards_of(book, flow))
    where = {step: card for card in placed for step in card.card.steps}
    width = max(card.x for card in placed) + WIDTH + MARGIN
    height = max(card.y + card.height for card in placed) + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(flow.name)}: {escape(flow.about)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for card in placed:
        lines.extend(_arrows(card, where))
    for card in placed:
        lines.extend(_card(card, flow, where))
    return "\n".join([*lines, "</svg>", ""])


def _place(cards: list[Card]) -> list[_Placed]:
    columns = columns_of(cards)
    free: dict[int, int] = {}
    placed = []
    for index, card in enumerate(cards):
        column = columns[index]
        y = free.get(column, MARGIN)
        one = _Placed(card, column, MARGIN + column * (WIDTH + GAP_X), y)
        free[column] = y + one.height + GAP_Y
        placed.append(one)
    return placed


def _arrows(card: _Placed, where: Mapping[str, _Placed]) -> Iterator[str]:
    colour = COLOURS[card.card.verb]
    for index, row in enumerate(card.card.rows):
        target = where.get(row.target)
        if target is None or target.column <= card.column:
            continue
        x, y = card.x + WIDTH, card.row_y(index) - 4
        end_x, end_y = target.x, target.y + HEAD // 2
        bend = (end_x - x) // 2
        yield (
            f'<path d="M{x} {y} C{x + bend} {y} {end_x - bend} {end_y} {end_x - 6} {end_y}"'
            f' fill="none" stroke="{colour}" stroke-opacity="0.55" stroke-width="1.4"/>'
        )
        tip = f"M{end_x - 7} {end_y - 4} L{end_x} {end_y} L{end_x - 7} {end_y + 4} Z"
        yield f'<path d="{tip}" fill="{colour}"/>'


def _card(card: _Placed, flow: Flow, where: Mapping[str, _Placed]) -> Iterator[str]:
    colour = COLOURS[card.card.verb]
    x, y = card.x, card.y
    head = HEAD * len(card.card.steps)
    box = f'<rect x="{x}" y="{y}" width="{WIDTH}" rx="6"'
    yield f'{box} height="{card.height}" fill="#fff" stroke="{colour}"/>'
    yield f'{box} height="{head}" fill="{colour}"/>'
    for index, step in enumerate(card.card.steps):
        name = escape(short(step, flow.name))
        at = y + HEAD * (index + 1) - 8
        yield f'<text x="{x + 10}" y="{at}" fill="#fff" font-weight="bold">{name}</text>'
    detail = f"{card.card.verb} {card.card.detail}".strip()
    yield f'<text x="{x + 10}" y="{y + head + LINE - 4}" fill="#555">{escape(detail)}</text>'
    for index, row in enumerate(card.card.rows):
        at = card.row_y(index)
        yield f'<text x="{x + 10}" y="{at}" font-weight="bold">{escape(row.word)}</text>'
        yield _target_text(card, row.target, at, flow, where)


def _target_text(card: _Placed, target: str, at: int, flow: Flow, where: Mapping[str, _Placed]) -> str:
    words = escape(short(target, flow.name))
    text = f'<text x="{card.x + WIDTH - 10}" y="{at}" text-anchor="end" fill="#333">'
    if not is_step(target):
        return f"{text}{words}</text>"
    there = where.get(target)
    if there is None:
        file = target.split(".")[0]
        return f'<a href="{file}.svg">{text}{words} ↗</text></a>'
    return f"{text}{words}{' ↩' if there.column <= card.column else ' →'}</text>"

"""The steps of a flow as cards for a picture: what stands on each, and where its rows lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from call_flows.book import Flow, FlowBook
from call_flows.step import OUTSIDE, Step
from call_flows.verbs.hang_up import HangUpStep
from call_flows.verbs.look_up import Ask
from call_flows.verbs.menu import REPEAT, Menu
from call_flows.verbs.open import Open
from call_flows.verbs.speak import Speak


@dataclass(frozen=True, slots=True)
class Row:
    """One exit of a card."""

    word: str  # the key or the word on the arrow
    target: str  # `flow.step`, REPEAT, or a word of OUTSIDE


@dataclass(frozen=True, slots=True)
class Card:
    """Steps that are drawn as one: alike in verb and exits, and entered from other flows only."""

    steps: tuple[str, ...]  # `flow.step`
    verb: str
    detail: str
    rows: tuple[Row, ...]


def cards_of(book: FlowBook, flow: Flow) -> list[Card]:
    """Return a flow's cards in the order written."""
    inside = {target for name in flow.steps for target in book.steps[name].exits().values()}
    cards: list[Card] = []
    places: dict[tuple[str, tuple[Row, ...]], int] = {}
    for name in flow.steps:
        step = book.steps[name]
        rows = _rows(step)
        alike = (step.verb, rows)
        if alike in places and name not in inside:
            before = cards[places[alike]]
            cards[places[alike]] = Card((*before.steps, name), step.verb, "", rows)
            continue
        if name not in inside and step.verb == "queue":
            places[alike] = len(cards)
        cards.append(Card((name,), step.verb, detail_of(step), rows))
    return cards


def _rows(step: Step) -> tuple[Row, ...]:
    exits = step.exits()
    rows = [Row(word, target) for word, target in exits.items()]
    if isinstance(step, Menu):
        # Repeating leads nowhere, so it is no exit; who reads the picture looks for it all the same.
        repeats = [Row(key, REPEAT) for key, target in step.keys.items() if target == REPEAT]
        rows = sorted([*rows, *repeats], key=_key_order)
    return tuple(rows)


def _key_order(row: Row) -> tuple[int, str]:
    order = ["1", "2", "3", "4", "5", "6", "7", "8", "star", "pound", "9", "0"]
    return (order.index(row.word) if row.word in order else len(order), row.word)


def detail_of(step: Step) -> str:
    """Return a few words on what a step is about."""
    match step:
        case Ask() | Open():
            return step.shape.name
        case Speak():
            return step.language
        case HangUpStep():
            return step.reason.value
    named = getattr(step, "queue", "") or getattr(step, "by", "")
    said = spoken_first(step)
    return str(named or (said[0][0] if said else ""))


def spoken_first(step: Step) -> tuple[tuple[str, str], ...]:
    """Return the prompts a caller hears on entering a step, each with its language."""
    spoken = getattr(step, "prompts", ()) or getattr(step, "announce", ())
    return tuple((name, part.language or "id") for part in spoken for name in part.names)


def short(target: str, flow: str) -> str:
    """Return a target as it is written inside a flow."""
    return target.removeprefix(f"{flow}.")


def is_step(target: str) -> bool:
    """Return whether a row leads to a step."""
    return target != REPEAT and target not in OUTSIDE


def columns_of(cards: list[Card]) -> Mapping[int, int]:
    """Return card → column: how many steps it is from the first card, or from the flow's edge."""
    where = {step: index for index, card in enumerate(cards) for step in card.steps}
    column: dict[int, int] = {}
    for start in range(len(cards)):
        if start in column:
            continue
        column[start] = 0
        todo = [start]
        while todo:
            index = todo.pop(0)
            for row in cards[index].rows:
                after = where.get(row.target)
                if after is not None and after not in column:
                    column[after] = column[index] + 1
                    todo.append(after)
    return column

"""Writes the pages of docs/flows: each flow as a picture, as Mermaid, and as a table to read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from call_flows.book import Flow, FlowBook
from call_flows.cards import Card, cards_of, is_step, short, spoken_first
from call_flows.svg import picture

Texts = Mapping[str, Mapping[str, str]]
"""Prompt → language → text."""

_SHAPES = {
    "menu": ("{{", "}}"),
    "collect": ("[/", "/]"),
    "survey": ("[/", "/]"),
    "queue": ("[(", ")]"),
    "hang_up": ("([", "])"),
    "look_up": ("{", "}"),
    "open": ("{", "}"),
    "call_back": ("[/", "/]"),
    "choose": ("{", "}"),
}


def pages(book: FlowBook, texts: Texts) -> dict[str, str]:
    """Return file name → content of everything in docs/flows."""
    found = {"README.md": _contents(book)}
    for flow in book.flows.values():
        found[f"{flow.name}.svg"] = picture(book, flow)
        found[f"{flow.name}.md"] = "\n".join(_page(book, flow, texts))
    return found


def _contents(book: FlowBook) -> str:
    rows = [f"- [{flow.name}]({flow.name}.md): {flow.about}" for flow in book.flows.values()]
    lines = [
        "# Call flows",
        "",
        "Drawn from `call_flows/flows/` by `kring flows draw`; how to edit them is told in"
        " [call_flows/README.md](../../call_flows/README.md).",
        "",
        *rows,
        "",
    ]
    return "\n".join(lines)


def _page(book: FlowBook, flow: Flow, texts: Texts) -> Iterator[str]:
    yield from (f"# {flow.name}", "", flow.about, "")
    if flow.numbers:
        yield from (f"Dialled numbers: {', '.join(flow.numbers)}.", "")
    if flow.called:
        yield from ("People whom we called enter here.", "")
    yield from (f"![{flow.name}]({flow.name}.svg)", "")
    yield from ("| Step | Does | Caller hears first | Leads to |", "|---|---|---|---|")
    for card in cards_of(book, flow):
        yield _table_row(book, flow, card, texts)
    yield from ("", "<details><summary>As Mermaid</summary>", "", "```mermaid", *_mermaid(book, flow), "```")
    yield from ("", "</details>", "")


def _table_row(book: FlowBook, flow: Flow, card: Card, texts: Texts) -> str:
    names = ", ".join(f"`{short(step, flow.name)}`" for step in card.steps)
    first = spoken_first(book.steps[card.steps[0]])
    said = " ".join(texts.get(prompt, {}).get(language, "") for prompt, language in first).strip()
    exits = "<br>".join(f"{row.word}: {_linked(row.target, flow)}" for row in card.rows)
    return f"| {names} | {_does(card)} | {said.replace('|', ' ')} | {exits} |"


def _does(card: Card) -> str:
    return f"{card.verb} {card.detail}".strip()


def _linked(target: str, flow: Flow) -> str:
    there = target.split(".")[0]
    if not is_step(target) or there == flow.name:
        return short(target, flow.name)
    return f"[{target}]({there}.md)"


def _mermaid(book: FlowBook, flow: Flow) -> Iterator[str]:
    yield "flowchart LR"
    cards = cards_of(book, flow)
    node = {step: f"s{index}" for index, card in enumerate(cards) for step in card.steps}
    for index, card in enumerate(cards):
        left, right = _SHAPES.get(card.verb, ("[", "]"))
        names = "<br/>".join(short(step, flow.name) for step in card.steps)
        yield f'  s{index}{left}"{names}<br/>{_does(card)}"{right}'
    outside: dict[str, str] = {}
    for index, card in enumerate(cards):
        for row in card.rows:
            if row.target == "repeat":
                yield f"  s{index} -->|{row.word}| s{index}"
                continue
            if row.target not in node and row.target not in outside:
                outside[row.target] = f"x{len(outside)}"
                yield f'  {outside[row.target]}(["{row.target}"])'
            yield f"  s{index} -->|{row.word}| {node.get(row.target) or outside[row.target]}"

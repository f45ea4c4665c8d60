"""The floor on the status page: queues, and how many agents are in which state. No names, no numbers."""

from collections import Counter
from collections.abc import Iterable
from html import escape

from acd.floor_views import AgentView, QueueView
from acd.messages import DECLARED, HEAD, OBSERVED, WORD, staff_messages
from web.html_table import table

COLUMNS = ("queue", "waiting", "longest", "expected", "free", "talking")


def floor_table(language: str, queues: Iterable[QueueView], agents: Iterable[AgentView]) -> str:
    """Return the part of the page as HTML, in Indonesian or English."""
    messages = staff_messages()

    def head(word: str) -> str:
        return messages.text(HEAD, word, language)

    lines = [
        (
            f"{queue.queue} ({queue.language})",
            str(queue.waiting),
            minutes(queue.longest) if queue.waiting else "–",
            "–" if queue.expected is None else minutes(queue.expected),
            str(queue.free),
            str(queue.talking),
        )
        for queue in queues
        if queue.waiting or queue.talking or queue.serving
    ]
    states = Counter(_state(view, language) for view in agents if view.declared != "signed_out")
    nobody = f"<p>{escape(messages.text(WORD, 'nobody', language))}</p>"
    return (
        f"<h2>{escape(head('queues'))}</h2>"
        + (table([head(word) for word in COLUMNS], lines) if lines else nobody)
        + f"<h2>{escape(head('agents'))}: {sum(states.values())}</h2>"
        + (
            table((head("declared"), head("count")), ((state, str(n)) for state, n in sorted(states.items())))
            if states
            else nobody
        )
    )


def minutes(seconds: float) -> str:
    """Return a duration as minutes and seconds, `4:05`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _state(view: AgentView, language: str) -> str:
    messages = staff_messages()
    declared = messages.text(DECLARED, view.declared, language)
    return f"{declared}, {messages.text(OBSERVED, view.observed, language)}"

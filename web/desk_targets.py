"""Where an agent may send a call: a skill and tier, a queue, a colleague by on-air name.

A colleague goes by a key that means nothing outside this process, as on the floor's feed: staff numbers
never reach a page.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from acd.floor_views import AgentView, QueueView
from acd.messages import DECLARED, OBSERVED, staff_messages
from acd.skills import Skillbook
from acd.states import can_be_offered

Say = Callable[[str], str | None]  # a text of the page's language by name; None: there is none

_COLLEAGUE = "agent:"


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """One place a call may go to."""

    target: str  # what a request names it by: "skill:efin/B", "queue:efin", "agent:KEY"
    kind: str  # "skill", "queue" or "colleague"
    label: str
    detail: str  # the tier of a skill, the state of a colleague, in words
    free: int  # how many agents could take the call at once


class Colleagues:
    """Keys of agents for pages."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(16)

    def key(self, agent: str) -> str:
        """Return the key of a staff number."""
        return hmac.new(self._secret, agent.encode(), "sha256").hexdigest()[:16]

    def target(self, text: str, agents: Sequence[AgentView]) -> str:
        """Return a page's target as the floor reads it. Raises KeyError: no such colleague."""
        if not text.startswith(_COLLEAGUE):
            return text
        key = text.removeprefix(_COLLEAGUE)
        for view in agents:
            if hmac.compare_digest(self.key(view.agent), key):
                return f"{_COLLEAGUE}{view.agent}"
        raise KeyError("colleague")


def subject(say: Say, name: str) -> str:
    """Return what staff call a skill or queue; one without a text by its name. `efin/B`: with its tier."""
    base, _, tier = name.partition("/")
    label = say(f"desk_subject.{base}") or base
    return f"{label} · {tier}" if tier else label


def transfer_targets(
    book: Skillbook,
    agents: Sequence[AgentView],
    queues: Sequence[QueueView],
    asking: str,
    colleagues: Colleagues,
    say: Say,
    language: str,
) -> list[TransferTarget]:
    """Return where an agent may send a call: skills by tier, queues, then colleagues, who is free first.

    A skill and tier that nobody has is left out: a call would wait there for ever.
    """
    others = [view for view in agents if view.agent != asking]
    return [
        *_skills(book, others, say),
        *_queues(book, queues, say),
        *_colleagues(others, colleagues, language),
    ]


def _skills(book: Skillbook, others: Sequence[AgentView], say: Say) -> list[TransferTarget]:
    free_of: dict[tuple[str, str], int] = {}
    for view in others:
        is_free = can_be_offered(view.declared, view.observed)
        for row in {(row.skill, row.tier.value) for row in book.competences_of(view.agent)}:
            free_of[row] = free_of.get(row, 0) + is_free
    tier_word = say("desk.tier") or "tier"
    order = {name: place for place, name in enumerate(book.skills)}
    return [
        TransferTarget(f"skill:{skill}/{tier}", "skill", subject(say, skill), f"{tier_word} {tier}", free)
        for (skill, tier), free in sorted(free_of.items(), key=lambda one: (order.get(one[0][0], 0), one[0]))
        if book.requirement(f"{skill}/{tier}") is not None
    ]


def _queues(book: Skillbook, queues: Sequence[QueueView], say: Say) -> list[TransferTarget]:
    free_of: Mapping[str, int] = {view.queue: view.free for view in queues if view.language == "id"}
    word = say("desk.queue_word") or "queue"
    return [
        TransferTarget(f"queue:{name}", "queue", subject(say, name), word, free_of.get(name, 0))
        for name in book.requirements
    ]


def _colleagues(others: Sequence[AgentView], keys: Colleagues, language: str) -> list[TransferTarget]:
    messages = staff_messages()
    found = []
    for view in others:
        if view.declared == "signed_out":
            continue
        free = can_be_offered(view.declared, view.observed)
        states = [messages.text(DECLARED, view.declared, language)]
        if view.observed != "idle":
            states.append(messages.text(OBSERVED, view.observed, language))
        name = f"{_COLLEAGUE}{keys.key(view.agent)}"
        found.append(TransferTarget(name, "colleague", view.on_air_name, ", ".join(states), int(free)))
    return sorted(found, key=lambda one: (-one.free, one.label))

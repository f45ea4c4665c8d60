"""State machines as tables: small enough to read on one screen, complete by check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


class Impossible(Exception):
    """A state or an event that the table does not have."""


@dataclass(frozen=True, slots=True)
class Machine:
    """States with their meaning, events with theirs, and what every pair does.

    A pair is a transition or is ignored on purpose, with the reason; there is no third kind.
    `ignored` maps an event to (states, reason).
    """

    name: str
    about: str
    start: str
    states: Mapping[str, str]
    events: Mapping[str, str]
    moves: Mapping[tuple[str, str], str]  # (state, event) → state
    ignored: Mapping[str, tuple[frozenset[str], str]]

    def after(self, state: str, event: str) -> str:
        """Return the state after an event; the same one where the event is ignored on purpose.

        Raises Impossible for a state or an event that the table does not have.
        """
        following = self.moves.get((state, event))
        if following is not None:
            return following
        if state in self.ignored.get(event, (frozenset(),))[0]:
            return state
        raise Impossible(f"{self.name}: state `{state}` and event `{event}` are not in the table")

    def faults(self) -> Iterator[str]:
        """Return what is wrong with the table itself."""
        for (state, event), following in self.moves.items():
            if not {state, following} <= set(self.states) or event not in self.events:
                yield f"{state} + {event} → {following}: a name that is not declared"
        for state in self.states:
            for event in self.events:
                moves, ignored = (state, event) in self.moves, state in self.ignored.get(event, ((),))[0]
                if moves == ignored:
                    how = "moves and is ignored" if moves else "neither moves nor is ignored"
                    yield f"{state} + {event}: {how}"
        reached, frontier = {self.start}, [self.start]
        while frontier:
            state = frontier.pop()
            following_states = {to for (at, _), to in self.moves.items() if at == state} - reached
            reached |= following_states
            frontier += following_states
        for state in self.states:
            if state not in reached:
                yield f"{state}: cannot be reached from {self.start}"


def table(
    name: str, about: str, states: Mapping[str, str], events: Mapping[str, str], rows: str, ignored: str
) -> Machine:
    """Return a machine from rows `state, state + event -> state` and `event: state, state = reason`.

    `*` in an ignored row means every state in which the event moves nothing. The first state is the start.
    """
    moves = {}
    for row in rows.strip().splitlines():
        left, to = row.split("->")
        sources, event = left.split("+")
        for state in sources.split(","):
            moves[state.strip(), event.strip()] = to.strip()
    quiet = {}
    for row in ignored.strip().splitlines():
        event, rest = (part.strip() for part in row.split(":", 1))
        named, reason = (part.strip() for part in rest.split("=", 1))
        left_over = {state for state in states if (state, event) not in moves}
        chosen = left_over if named == "*" else {state.strip() for state in named.split(",")}
        quiet[event] = (frozenset(chosen), reason)
    return Machine(name, about, next(iter(states)), states, events, moves, quiet)

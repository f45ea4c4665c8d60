"""One call's recording on a clock of its own, and the rules that it is recorded by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from recording.capture import Course, Whose
from recording.capture_marks import Seen
from recording.capture_orders import Note, Order
from recording.policies import Kind, Policies, read_policies, shipped_policies
from recording.recordings import Mark, MarkKind

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TALK = Seen("call", "leg-of-caller", "efin", "id", "1001", MarkKind.TALK)
RULES = shipped_policies().at(AT)
ON_DEMAND = read_policies(
    "t.yaml",
    """
versions:
  - since: 2020-01-01
    inbound: {mode: on_demand}
    outbound: {mode: always}
    queues: {pph: {mode: never}, token: {mode: sample, share: 25}, kup: {mode: always}}
    kinds: {survey: {mode: never}}
    campaigns: {c1: {mode: always}}
    silence: {keys_before_ms: 1000, keys_after_s: 3, proof_s: 60, agent_s: 300}
""",
).at(AT)


class Play:
    """A course on a clock of its own; keeps all orders and marks."""

    def __init__(self, heard: str = "id", rules: Policies = RULES) -> None:
        self.course, self.rules, self.now = Course("call", Whose(heard=heard)), rules, 1000.0
        self.orders: list[Order] = []

    @property
    def at(self) -> datetime:
        return AT + timedelta(seconds=self.now - 1000.0)

    def after(self, seconds: float) -> "Play":
        self.now += seconds
        return self

    def keep(self, orders: list[Order]) -> list[Order]:
        self.orders += orders
        return orders

    def seen(self, **how: Any) -> list[Order]:
        seen = replace(TALK, **how)
        policy = self.rules.of(Kind(seen.queue))
        return self.keep(self.course.follow(seen, policy, self.rules, "a" * 32, self.now, self.at))

    def arrives(self) -> list[Order]:
        return self.keep(self.course.among(False, self.now, arrived=True))

    def runs(self) -> "Play":
        self.seen()
        self.keep(self.course.started(self.now))
        return self

    def marks(self) -> list[Mark]:
        """Return the marks as the record folds them."""
        kept: dict[tuple[MarkKind, int, str], Mark] = {}
        for order in self.orders:
            for mark in order.marks if isinstance(order, Note) else ():
                kept[mark.kind, mark.from_ms, mark.detail] = mark
        return sorted(kept.values(), key=lambda mark: (mark.from_ms, mark.kind))

    def those(self, kind: type) -> list[object]:
        return [order for order in self.orders if isinstance(order, kind)]

"""Calls of ours: how a flow for people we called is named, and what is known when they answer."""

from __future__ import annotations

CALLED = "flow:"
"""What goes before a flow's name where a dialled number would stand."""

CAMPAIGN = "campaign"
"""The queue of whatever campaign a call belongs to: the fact CAMPAIGN_QUEUE says which."""

CAMPAIGN_QUEUE = "campaign_queue"
"""The fact that holds a skill and tier, e.g. `outbound/A`; every call of ours brings it."""

KNOWN_AT_ANSWER = frozenset({CAMPAIGN_QUEUE})
"""The facts that every call of ours brings."""


class NoSuchFlow(LookupError):
    """There is no flow of that name for people we called."""

    def __init__(self, name: str, there: tuple[str, ...]) -> None:
        choices = ", ".join(there) or "none"
        super().__init__(f"there is no flow `{name}` with `called: true`; there are: {choices}")

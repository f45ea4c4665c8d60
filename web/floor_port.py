"""What pages, programs and phones need from the floor: a port, so that they know no adapter."""

from collections.abc import Callable, Sequence
from typing import Protocol

from acd.explain import Explanation
from acd.floor_views import AgentView, QueueView, TalkView
from acd.requests import Actor, Request


class FloorPort(Protocol):
    """The running floor. Every method is called on the service's event loop and returns at once."""

    def request(self, actor: Actor, request: Request) -> None:
        """Grant a request. Raises acd.requests.Refused."""
        ...

    def agents(self) -> Sequence[AgentView]:
        """Return every agent, by staff number."""
        ...

    def queues(self) -> Sequence[QueueView]:
        """Return every queue in which somebody waits or could wait."""
        ...

    def talks(self) -> Sequence[TalkView]:
        """Return the talks that are on, oldest first."""
        ...

    def lending(self) -> str:
        """Return what inbound lends to outbound work and why, for a person to read."""
        ...

    def explain(self, call_id: str) -> Explanation:
        """Explain why a call is where it is. Raises KeyError: not in the room."""
        ...

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change of what the views show; return what ends that.

        It returns at once and raises nothing.
        """
        ...

    def on_tell(self, ear: Callable[[str, str], None]) -> None:
        """Call `ear(staff number, word)` when somebody is told something (`acd.messages.TOLD`)."""
        ...

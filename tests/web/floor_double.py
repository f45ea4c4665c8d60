"""A floor that is in whatever state a test says."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from acd.explain import Explanation
from acd.floor_views import AgentView, QueueView, TalkView
from acd.requests import Actor, Pause, Ready, Refused, Request

AGENT = "90000001"


def agent_view(agent: str = AGENT, **changes: object) -> AgentView:
    view = AgentView(
        agent=agent, on_air_name="Melati", team="Satu", declared="paused", observed="idle", reason="",
        seconds=12.0, account="a" + "0" * 15, phones=("a" + "0" * 15,), call_id="", queue="",
        limit_seconds=None, over_limit=False, wrap_up_left=None,
    )  # fmt: skip
    return replace(view, **changes)  # type: ignore[arg-type]


QUEUE = QueueView("efin", "id", 3, 1, 42.0, 95.0, 0, 4, 2)
TALK = TalkView("c" * 32, "efin", "id", AGENT, "talking", 61.0)


class FloorDouble:
    """A `web.floor_port.FloorPort`: grants everything but what `refuse` names."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], None]] = []
        self.ears: list[Callable[[str, str], None]] = []
        self.checks: list[Callable[[Actor, Request], None]] = []
        self.begin_anew()

    def begin_anew(self) -> None:
        self.view = {AGENT: agent_view()}
        self.waiting = [QUEUE]
        self.asked: list[tuple[Actor, Request]] = []
        self.refuse: Refused | None = None
        self.explanation: Explanation | None = None

    def on_request(self, check: Callable[[Actor, Request], None]) -> None:
        self.checks.append(check)

    def request(self, actor: Actor, request: Request) -> None:
        for check in self.checks:
            check(actor, request)
        if self.refuse is not None:
            raise self.refuse
        self.asked.append((actor, request))
        if isinstance(request, Ready):
            self.change(request.agent, declared="ready")
        if isinstance(request, Pause):
            self.change(request.agent, declared="paused", reason=request.reason)

    def change(self, agent: str, **changes: object) -> None:
        self.view[agent] = replace(self.view[agent], **changes)  # type: ignore[arg-type]
        for callback in self.callbacks:
            callback()

    def agents(self) -> Sequence[AgentView]:
        return list(self.view.values())

    def queues(self) -> Sequence[QueueView]:
        return self.waiting

    def talks(self) -> Sequence[TalkView]:
        return [TALK]

    def lending(self) -> str:
        return "lending: 2 more may be borrowed, 1 are"

    def explain(self, call_id: str) -> Explanation:
        if self.explanation is None or self.explanation.call != call_id:
            raise KeyError(call_id)
        return self.explanation

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def on_tell(self, ear: Callable[[str, str], None]) -> None:
        self.ears.append(ear)

"""The floor's record as a `queue_log`: written out by hand, line by line."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, Phase
from reporting.reports_queue_log import QueueLog

T0 = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
E0 = 1793588400  # the same as seconds since 1970
A, B = "90000001", "90000002"
QUEUES = {A: ["kup", "efin"], B: ["kup"]}


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def entry(second: float, call: str, outcome: str = "", queue: str = "kup") -> EntryRow:
    return EntryRow(call, at(second), queue, "id", at(second), outcome)


class Leg:
    """One leg's rows, phase after phase."""

    def __init__(self, leg: str, call: str, agent: str) -> None:
        self._ids = leg, call, agent
        self._seq = 0
        self._phase: Phase | None = None
        self._since = 0.0

    def goes(self, second: float, phase: Phase | None, outcome: str = "") -> list[FloorRow]:
        """End the phase at hand with an outcome and begin the next one, as the floor writes it."""
        rows: list[FloorRow] = []
        if self._phase is not None:
            rows.append(self._row(second, self._phase, second - self._since, outcome))
        self._phase, self._since = phase, second
        if phase is not None:
            rows.append(self._row(second, phase, None, ""))
        return rows

    def _row(self, second: float, phase: Phase, seconds: float | None, outcome: str) -> LegRow:
        leg, call, agent = self._ids
        self._seq += 1
        return LegRow(leg, self._seq, at(second), call, agent, phase, seconds, outcome)


def lines(rows: Sequence[FloorRow], declared: dict[str, str] | None = None) -> list[str]:
    log = QueueLog(lambda agent: QUEUES.get(agent, ()), declared or {})
    found = [event.line() for event in log.events(rows)]
    return [f"+{int(line.partition('|')[0]) - E0}|{line.partition('|')[2]}" for line in found]


def joined(leg: Leg, rings: float, talks: float) -> list[FloorRow]:
    """Ring and talk; the entry is answered in between."""
    return [*leg.goes(rings, Phase.RING), *leg.goes(talks - 1, Phase.JOIN, "answered")]


def test_a_call_is_waited_rung_served_and_ended_by_the_caller() -> None:
    first, second = Leg("l1", "c1", A), Leg("l2", "c1", B)
    rows = [
        entry(0, "c1"),
        *first.goes(2, Phase.RING),
        *first.goes(17.5, None, "missed"),
        *joined(second, 18, 25),
        entry(25, "c1", "answered"),
        *second.goes(25, Phase.TALK, "joined"),
        *second.goes(85, Phase.HOLD, "hold"),
        *second.goes(100, Phase.TALK, "unhold"),
        *second.goes(145, Phase.WRAP_UP, "caller_hung_up"),
        *second.goes(160, None, "done"),
    ]
    assert lines(rows) == [
        "+0|c1|kup|NONE|ENTERQUEUE|||1",
        "+17|c1|kup|Agent/90000001|RINGNOANSWER|15500",
        "+25|c1|kup|Agent/90000002|CONNECT|25|l2|6",
        "+145|c1|kup|Agent/90000002|COMPLETECALLER|25|120|1",
    ]


def test_those_who_go_unserved_have_their_place_and_wait() -> None:
    rows = [
        entry(0, "c1"),
        entry(5, "c2"),
        entry(6, "c3"),
        entry(7, "c4", queue="efin"),
        entry(20, "c1", "limit"),
        entry(30, "c3", "caller_hung_up"),
        entry(31, "c2", "callback"),
        entry(32, "c4", "closed", "efin"),
    ]
    assert lines(rows) == [
        "+0|c1|kup|NONE|ENTERQUEUE|||1",
        "+5|c2|kup|NONE|ENTERQUEUE|||2",
        "+6|c3|kup|NONE|ENTERQUEUE|||3",
        "+7|c4|efin|NONE|ENTERQUEUE|||1",
        "+20|c1|kup|NONE|EXITWITHTIMEOUT|1|1|20",
        "+30|c3|kup|NONE|ABANDON|2|3|24",
        "+31|c2|kup|NONE|EXITWITHKEY||1|2|26",
        "+32|c4|efin|NONE|EXITEMPTY|1|1|25",
    ]


def test_a_blind_transfer_to_a_queue_ends_one_visit_and_begins_another() -> None:
    first, second = Leg("l1", "c1", A), Leg("l2", "c1", B)
    rows = [
        entry(0, "c1", queue="efin"),
        *joined(first, 1, 5),
        entry(5, "c1", "answered", "efin"),
        *first.goes(5, Phase.TALK, "joined"),
        *first.goes(35, Phase.WRAP_UP, "transferred"),
        entry(35, "c1"),
        *joined(second, 36, 40),
        entry(40, "c1", "answered"),
        *second.goes(40, Phase.TALK, "joined"),
        *second.goes(70, Phase.WRAP_UP, "ended"),
    ]
    assert lines(rows) == [
        "+0|c1|efin|NONE|ENTERQUEUE|||1",
        "+5|c1|efin|Agent/90000001|CONNECT|5|l1|3",
        "+35|c1|efin|Agent/90000001|BLINDTRANSFER|||5|30|1",
        "+35|c1|kup|NONE|ENTERQUEUE|||1",
        "+40|c1|kup|Agent/90000002|CONNECT|5|l2|3",
        "+70|c1|kup|Agent/90000002|COMPLETEAGENT|5|30|1",
    ]


def test_an_attended_transfer_counts_for_the_agent_of_the_queue() -> None:
    first, third = Leg("l1", "c1", A), Leg("l2", "c1", B)
    rows = [
        entry(0, "c1"),
        *joined(first, 1, 5),
        entry(5, "c1", "answered"),
        *first.goes(5, Phase.TALK, "joined"),
        *first.goes(20, Phase.CONSULT, "consult"),
        *third.goes(20, Phase.RING),
        *third.goes(24, Phase.CONSULT, "answered"),
        *first.goes(50, Phase.WRAP_UP, "transferred"),
        *third.goes(50, Phase.TALK, "transferred"),
        *third.goes(90, Phase.WRAP_UP, "caller_hung_up"),
    ]
    assert lines(rows)[1:] == [
        "+5|c1|kup|Agent/90000001|CONNECT|5|l1|3",
        "+50|c1|kup|Agent/90000001|ATTENDEDTRANSFER|BRIDGE||5|45|1",
    ]


def test_agents_come_pause_and_go_in_every_queue_that_they_can_serve() -> None:
    def state(second: float, declared: str, reason: str = "", observed: str = "idle") -> AgentRow:
        return AgentRow(A, at(second), declared, observed, reason)

    rows = [
        state(0, "paused", "start"),
        state(10, "ready"),
        state(11, "ready", observed="offered"),
        state(20, "paused", "sholat|zuhur"),
        state(30, "paused", "rapat"),
        state(40, "ready"),
        state(50, "signed_out"),
    ]
    assert lines(rows) == [
        "+0|NONE|efin|Agent/90000001|ADDMEMBER",
        "+0|NONE|kup|Agent/90000001|ADDMEMBER",
        "+0|NONE|NONE|Agent/90000001|PAUSEALL|start",
        "+0|NONE|efin|Agent/90000001|PAUSE|start",
        "+0|NONE|kup|Agent/90000001|PAUSE|start",
        "+10|NONE|NONE|Agent/90000001|UNPAUSEALL",
        "+10|NONE|efin|Agent/90000001|UNPAUSE",
        "+10|NONE|kup|Agent/90000001|UNPAUSE",
        "+20|NONE|NONE|Agent/90000001|PAUSEALL|sholat zuhur",
        "+20|NONE|efin|Agent/90000001|PAUSE|sholat zuhur",
        "+20|NONE|kup|Agent/90000001|PAUSE|sholat zuhur",
        "+30|NONE|NONE|Agent/90000001|PAUSEALL|rapat",
        "+30|NONE|efin|Agent/90000001|PAUSE|rapat",
        "+30|NONE|kup|Agent/90000001|PAUSE|rapat",
        "+40|NONE|NONE|Agent/90000001|UNPAUSEALL",
        "+40|NONE|efin|Agent/90000001|UNPAUSE",
        "+40|NONE|kup|Agent/90000001|UNPAUSE",
        "+50|NONE|efin|Agent/90000001|REMOVEMEMBER",
        "+50|NONE|kup|Agent/90000001|REMOVEMEMBER",
    ]
    assert lines([state(0, "ready")], {A: "ready"}) == []

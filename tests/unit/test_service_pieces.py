"""The smaller pieces around the switchboard: flows, line, readiness, jobs, the home folder."""

import asyncio
import os
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from call_flows.book import read_folder
from call_flows.known import Known, KnownPrompt
from domain.calls import Call, CallEvent, EventKind
from ivr.hours import OfficeHours
from ivr.hours_tables import load_office_hours
from ivr.look_ups import LineHours
from ivr.shelf import FlowShelf
from service import operations
from service.flow_folder import FlowFolder
from service.home import Home
from service.jobs import JobsPart, nightly_problems
from service.line_state import LineState, always_open
from service.measured_log import MeasuredCallLog
from service.metrics import Metrics
from service.operations import ServiceOperations
from service.secrets import make_secrets
from service.settings import Settings, load_settings
from service.tree import Part, ServiceTree, StartFailed
from storage.memory import MemoryCallLog, MemoryFlowArchive
from web.operations import Line

SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 10.00 WIB

FLOW = """flow: kring_pajak
about: A line that says goodbye.
numbers: [1500200]
steps:
  goodbye:
    play: {prompt}
    then: end
  end:
    hang_up: completed
"""


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"KRING_HOME": str(tmp_path)})


def _line(now: datetime, hours: OfficeHours, shut: bool = False) -> tuple[LineState, LineHours]:
    clock = _Clock(now)
    look_ups = LineHours(hours, clock)

    async def fetch() -> tuple[bool, OfficeHours]:
        return shut, hours

    return LineState(look_ups, clock, fetch), look_ups


async def test_changed_flows_are_taken_up_and_broken_ones_refused(tmp_path: Path) -> None:
    prompts = {name: KnownPrompt() for name in ("goodbye", "apology_failed", "welcome")}
    known = Known(prompts=prompts, checks={})
    file = tmp_path / "kring_pajak.yaml"
    file.write_text(FLOW.format(prompt="goodbye"))
    shelf = FlowShelf(MemoryFlowArchive(), known)
    await shelf.open(read_folder(tmp_path))
    folder = FlowFolder(tmp_path, shelf)
    first = shelf.current.version
    await folder.look()
    assert shelf.current.version == first

    file.write_text(FLOW.format(prompt="no_such_prompt"))
    os.utime(file, ns=(1, 1))
    await folder.look()
    assert shelf.current.version == first
    assert "no_such_prompt" in folder.problems()[0]

    file.write_text(FLOW.format(prompt="welcome"))
    os.utime(file, ns=(2, 2))
    await folder.look()
    assert shelf.current.version != first
    assert folder.problems() == ()


async def test_shutting_the_line_is_told_once_and_not_again_at_every_look() -> None:
    shut, hours, told = False, load_office_hours(), []

    async def fetch() -> tuple[bool, OfficeHours]:
        return shut, hours

    clock = _Clock(SUNDAY)
    line = LineState(LineHours(hours, clock), clock, fetch)
    line.on_shut = lambda: told.append("shut")
    await line.refresh()
    assert told == []
    shut = True
    await line.refresh()
    await line.refresh()
    assert told == ["shut"]


async def test_the_line_follows_timetable_and_switch() -> None:
    hours = load_office_hours()
    sunday, look_ups = _line(SUNDAY, hours)
    assert not sunday.line().open
    assert sunday.line().until == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert look_ups.office_hours({}).word == "closed"
    assert _line(TUESDAY, hours)[0].line().open

    shut, look_ups = _line(TUESDAY, hours, shut=True)
    await shut.refresh()
    assert (shut.line().open, shut.line().shut) == (False, True)
    assert look_ups.office_hours({}).word == "shut"


async def test_always_open_is_open_on_a_sunday_and_can_still_be_shut() -> None:
    hours = always_open(load_office_hours())
    line, look_ups = _line(SUNDAY, hours)
    assert line.line() == Line(open=True, shut=False, until=None)
    assert look_ups.office_hours({}).word == "open"
    shut, _ = _line(SUNDAY, hours, shut=True)
    await shut.refresh()
    assert not shut.line().open


async def test_readiness_names_every_reason_and_asks_slow_questions_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answer: list[str | None] = ["database: full"]

    async def database() -> str | None:
        asked.append("database")
        return answer[0]

    class _Ari(Part):
        name = "ari"

        def trouble(self) -> str | None:
            return "ARI is connecting"

    tree, metrics = ServiceTree(), Metrics()
    tree.add(_Ari())
    await tree.begin()

    async def switch(shut: bool) -> None:
        asked.append(f"shut={shut}")

    shown = ServiceOperations(
        tree,
        metrics,
        ("sip:1500200@127.0.0.1",),
        calls=list,
        line=lambda: Line(open=True, shut=False),
        switch=switch,
        facts=dict,
        slow_checks=(database,),
    )
    assert (await shown.readiness()).reasons == ("ARI is connecting", "database: full")
    await shown.readiness()
    assert asked == ["database"]
    monkeypatch.setattr(operations, "CHECK_EVERY", 0.0)
    answer[0] = None
    assert (await shown.readiness()).reasons == ("ARI is connecting",)
    assert b"kring_ready 0.0" in metrics.page()
    await shown.shut_line()
    await shown.reopen_line()
    assert asked[-2:] == ["shut=True", "shut=False"]


async def test_the_minute_tells_that_the_line_is_open(settings: Settings) -> None:
    metrics = Metrics()
    jobs = JobsPart(settings, metrics, _line(TUESDAY, load_office_hours())[0])
    await jobs.begin()
    await jobs.end()
    assert b"kring_line_open 1.0" in metrics.page()
    JobsPart(settings, metrics, _line(SUNDAY, load_office_hours())[0]).tick()
    assert b"kring_line_open 0.0" in metrics.page()


def test_the_nightly_check_finds_open_secrets_and_a_full_disk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_secrets(settings)
    assert nightly_problems(settings) == []
    (settings.secrets_folder / "ari_password").chmod(0o644)
    monkeypatch.setattr("service.jobs.LEAST_FREE", 10**18)
    secret, disk = nightly_problems(settings)
    assert "chmod 600" in secret
    assert "make room" in disk


async def test_rows_are_queued_at_once_and_the_time_until_durable_is_observed() -> None:
    inner, seconds, written = MemoryCallLog(), list[float](), list[str]()

    class _Slow(MemoryCallLog):
        def open(self, call: Call, events: Sequence[CallEvent], *, urgent: bool = True) -> Awaitable[None]:
            written.append(call.call_id)
            return asyncio.sleep(0.02)

    log = MeasuredCallLog(_Slow(), seconds.append)
    call = Call("c1", "ch1", "1500200", None, "v1", TUESDAY)
    durable = log.open(call, [CallEvent("c1", 1, TUESDAY, EventKind.STARTED)])
    assert written == ["c1"]
    await durable
    await asyncio.sleep(0)
    assert 0.015 < seconds[0] < 1.0
    assert await inner.unfinished() == []


def test_a_home_folder_is_held_by_one_service(settings: Settings) -> None:
    first, second = Home(settings), Home(settings)
    first.hold()
    with pytest.raises(StartFailed, match=f"pid {os.getpid()}"):
        second.hold()
    first.release()
    second.hold()
    second.release()

"""Figures asked of a process of its own: what it says is what is said here, and that it may die."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from desk.branches import load_branches
from reporting.asking import Dimension, Figures, FiguresUnavailable, Interval, NotAsked, Question
from reporting.own_day import OwnDay
from reporting.reports import Asked, Definition, Layout, Span
from reporting.reports_check import BadReport
from reporting.reports_document import Document, Table, cut
from reporting.reports_table import TooLong
from reporting.reports_words import ReportWords
from reporting.rollup_lines import midnight
from service.figure_answers import FiguresApart
from service.figure_answers_wire import Place, refusal_of
from service.figures_part import make_figures
from service.report_apart import ReportsApart
from service.report_making import ReportMaking, report_words
from storage.database import Database
from storage.vault import Vault
from tests.storage.figure_world import BUDI, MONDAY, SARI, TUESDAY, FigureWorld
from web.figure_people import People, Person
from web.figure_words import FigureWords
from web.texts import Texts

ACCOUNT = "a" * 32
PEOPLE = (Person(SARI, "Melati", ACCOUNT, "alfa"), Person(BUDI, "Kenanga", "b" * 32, "beta"))
DEFINITION = Definition(
    "agen", "Agen", Layout.TABLE,
    Asked(Span.FIXED, by=(Dimension.AGENT,), interval=Interval.DAY, first=MONDAY, last=TUESDAY),
    figures=("art", "acd_calls"),
)  # fmt: skip
DAYS = (MONDAY, TUESDAY)


class Stand:
    """The day of `figure_world` in a database, read here and by the process."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(f"sqlite:///{folder}/kring.db", str(folder / "key"))
        self.database = Database.open(self.place.database)
        self.vault = Vault.create(folder / "key")
        self.world = FigureWorld(self.database)
        self.here = make_figures(self.database, self.vault, self.world.clock)
        self.apart = FiguresApart(self.place)

    def reports(self) -> tuple[ReportMaking, ReportsApart]:
        """Return what lays reports out here and there."""
        texts = Texts.load()

        async def people() -> tuple[Person, ...]:
            return PEOPLE

        async def none() -> dict[str, str]:
            return {}

        async def numbers() -> dict[str, str]:
            return {ACCOUNT: SARI}

        async def words(language: str) -> ReportWords:
            return report_words(FigureWords(texts, language, People(PEOPLE), load_branches(), {}), texts)

        return (
            ReportMaking(self.here.figures, words, numbers, self.world.clock),
            ReportsApart(self.apart, people, none, numbers),
        )

    def process(self) -> int:
        """Return the id of the process."""
        assert self.apart._talk is not None
        return self.apart._talk._process.pid


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    stand = Stand(tmp_path)
    await stand.world.the_day()
    yield stand
    await stand.apart.end()
    stand.database.close()


async def _all(figures: Figures) -> list[object]:
    found: list[object] = []
    for by in ((), (Dimension.AGENT,), tuple(Dimension)):
        for interval in (Interval.WHOLE, Interval.DAY, Interval.QUARTER_HOUR):
            found += await figures.lines(Question(MONDAY, TUESDAY, by, interval))
    of_budi = Question(MONDAY, TUESDAY, only={Dimension.AGENT: frozenset({BUDI})})
    found += await figures.recomputed(of_budi)
    found += await figures.calls(of_budi, "acd_calls", 2, "call-3")
    night = (midnight(TUESDAY), midnight(date(2025, 6, 4)))
    found += await figures.calls(Question(MONDAY, TUESDAY), "talk_ms", within=night)
    return found


async def test_what_the_process_says_is_what_is_said_here(stand: Stand) -> None:
    said = await _all(stand.apart)
    assert said == await _all(stand.here.figures)
    assert len(said) > 60
    for agent, day in ((SARI, MONDAY), (BUDI, MONDAY), (BUDI, TUESDAY), ("10099", MONDAY)):
        own = await stand.here.own.own(agent, day)
        assert await stand.apart.own(agent, day) == own
    assert isinstance(own, OwnDay)
    with pytest.raises(NotAsked) as refused:
        await stand.apart.lines(Question(TUESDAY, MONDAY))
    assert (refused.value.word, refused.value.place) == ("first_after_last", "first")
    answers = await asyncio.gather(
        *(stand.apart.lines(Question(MONDAY, day)) for day in (MONDAY, TUESDAY) * 5)
    )
    assert answers == [*answers[:2]] * 5
    assert answers[0] != answers[1]


async def test_a_report_is_laid_out_there_as_here(stand: Stand) -> None:
    here, apart = stand.reports()
    whole = await here.document(DEFINITION, DAYS)
    written = msgspec.json.decode(await apart.paper(DEFINITION, DAYS), type=Document)
    shown = await apart.document(DEFINITION, DAYS)
    assert _rows(written) == _rows(shown) == _rows(whole)
    assert [row[1] for row in _rows(written)] == ["(tanpa agen)", "Melati", "Kenanga", "Kenanga"]
    of_sari = replace(DEFINITION.asked, only={Dimension.AGENT: frozenset({ACCOUNT})})
    only = await apart.document(replace(DEFINITION, asked=of_sari), DAYS)
    assert [row[1] for row in _rows(only)] == ["Melati"]
    with pytest.raises(BadReport) as refused:
        await apart.paper(DEFINITION, (date(2000, 1, 1), TUESDAY))
    assert (refused.value.field, refused.value.word) == ("last", "days")
    short = cut(whole, 1)
    (table,) = [part for part in short.parts if isinstance(part, Table)]
    assert (len(table.rows), table.left_out) == (1, 3)


def _rows(document: Document) -> list[list[object]]:
    return [list(row) for part in document.parts if isinstance(part, Table) for row in part.rows]


async def test_a_process_that_dies_is_started_anew(stand: Stand) -> None:
    question = Question(MONDAY, MONDAY)
    lines = await stand.apart.lines(question)
    first = stand.process()
    os.kill(first, signal.SIGSTOP)
    waiting = asyncio.create_task(stand.apart.lines(question))
    await asyncio.sleep(0)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(FiguresUnavailable):
        await waiting
    assert await stand.apart.lines(question) == lines
    second = stand.process()
    assert second != first
    await stand.apart.end()
    for process in (first, second):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


async def test_what_is_printed_there_spoils_no_answer(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kring_noisy.py").write_text(
        "import structlog\n"
        "from service import figure_answers_process as there\n"
        "of = there.Answers.of\n"
        "async def noisy(self, asked):\n"
        "    print('noise', flush=True)\n"
        "    structlog.get_logger().warning('noise')\n"
        "    return await of(self, asked)\n"
        "there.Answers.of = noisy\n"
        "there.run_worker(there.main)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    noisy = FiguresApart(stand.place, module="kring_noisy")
    question = Question(MONDAY, TUESDAY, (Dimension.AGENT,))
    assert await noisy.lines(question) == await stand.here.figures.lines(question)
    await noisy.end()


async def test_one_that_cannot_answer_is_figures_that_cannot_be_read(tmp_path: Path) -> None:
    apart = FiguresApart(Place(f"sqlite:///{tmp_path}/kring.db", str(tmp_path / "no-key")))
    with pytest.raises(FiguresUnavailable):
        await apart.lines(Question(MONDAY, MONDAY))
    await apart.end()
    slow = FiguresApart(Place(f"sqlite:///{tmp_path}/kring.db", ""), within=0.01)
    with pytest.raises(FiguresUnavailable):
        await slow.lines(Question(MONDAY, MONDAY))
    await slow.end()


def test_refusals_come_back_as_they_were() -> None:
    for error in (NotAsked("twice", "by"), BadReport("last", "days"), TooLong("9"), FiguresUnavailable("x")):
        again = refusal_of(error).error()
        assert (type(again), vars(again), again.args) == (type(error), vars(error), error.args)
    unknown = refusal_of(ValueError("1234567890123456")).error()
    assert isinstance(unknown, FiguresUnavailable)
    assert "1234" not in str(unknown)

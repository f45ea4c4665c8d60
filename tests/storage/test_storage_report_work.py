"""Reports that are due are made and handed over, by folder and by mail, and tried again."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from domain.clock import SystemClock
from reporting.reports import (
    Asked,
    Definition,
    Delivery,
    DeliveryState,
    Every,
    Format,
    Means,
    RunState,
    Schedule,
    Span,
)
from reporting.reports_document import Document
from reporting.reports_rules import load_report_rules
from reporting.reports_words import ReportWords
from service import report_files
from service.report_files import ReportFiles
from service.report_mail import ReportMails
from service.report_making import ReportMaking
from service.report_render_process import writer
from service.report_work import CLAIM, ReportWork, WorkStands
from service.settings import load_settings
from storage.database import Database
from storage.figures_memory import MemoryFigures
from storage.report_runs import DurableReportRuns
from storage.reports import DurableReports
from storage.vault import Vault
from tests.unit.report_world import QUEUES, office, words

TUESDAY = datetime(2026, 10, 6, 0, 0, tzinfo=UTC)  # 07.00 WIB
DAILY = replace(
    QUEUES,
    asked=Asked(Span.YESTERDAY, QUEUES.asked.by),
    formats=(Format.CSV,),
    schedule=Schedule(Every.DAILY, 7 * 60),
)
NAME = "antrean-harian-2026-10-05.csv"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write files here: a process for each run would take longer than the test."""

    async def written(paper: bytes, form: Format, path: Path) -> None:
        writer(form)(msgspec.json.decode(paper, type=Document), path)

    monkeypatch.setattr(report_files, "_written", written)


class MovedClock(SystemClock):
    def __init__(self) -> None:
        self.at = TUESDAY - timedelta(hours=1)

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Letters:
    """A mail server's hands: takes mail, or answers what a test says."""

    answer: str = ""
    taken: list[EmailMessage] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer:
            return self.answer
        self.taken.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def sign_in(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.users.append(data.login.decode())
        return AuthResult(success=data.password == b"rahasia", handled=False)


@asynccontextmanager
async def mail_server(letters: Letters) -> AsyncIterator[int]:
    """Run a mail server on loopback; yields its port."""

    def protocol() -> SMTP:
        return SMTP(letters, authenticator=letters.sign_in, auth_require_tls=False, hostname="contoh.invalid")

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@dataclass(slots=True)
class World:
    """A worker on a database, its clock, its folders."""

    work: ReportWork
    reports: DurableReports
    runs: DurableReportRuns
    figures: MemoryFigures
    clock: MovedClock
    drop: Path
    made: Path

    async def at(self, later: timedelta) -> int:
        """Let time go on and the worker look."""
        self.clock.at += later
        return await self.work.look()


def world(database: Database, vault: Vault, folder: Path, port: int = 0) -> World:
    secret = folder / "mail"
    secret.write_text("rahasia\n")
    secret.chmod(0o600)
    settings = load_settings(
        {
            "KRING_HOME": str(folder),
            "KRING_REPORT_MAIL_HOST": "127.0.0.1" if port else "",
            "KRING_REPORT_MAIL_PORT": str(port or 25),
            "KRING_REPORT_MAIL_SECURITY": "none",
            "KRING_REPORT_MAIL_FROM": "laporan@contoh.invalid" if port else "",
            "KRING_REPORT_MAIL_USER": "laporan",
            "KRING_REPORT_MAIL_SECRET_FILE": str(secret),
        }
    )
    figures, clock = office(), MovedClock()

    async def in_words(language: str) -> ReportWords:
        return words(language)

    async def no_numbers() -> dict[str, str]:
        return {}

    stands = WorkStands(
        DurableReports(database, vault),
        DurableReportRuns(database, vault),
        ReportMaking(figures, in_words, no_numbers, clock),
        ReportFiles(folder / "runs"),
        ReportMails(settings, clock),
        in_words,
        load_report_rules(),
        folder / "out",
        timedelta(days=30),
        clock,
    )
    return World(
        ReportWork(stands),
        cast(DurableReports, stands.reports),
        cast(DurableReportRuns, stands.runs),
        figures,
        clock,
        folder / "out",
        folder / "runs",
    )


def _to(*deliveries: Delivery) -> Definition:
    return replace(DAILY, deliveries=deliveries)


async def test_a_due_report_is_put_into_its_folder_as_a_whole(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    here = world(database, vault, tmp_path)
    await here.reports.save(_to(Delivery(Means.FOLDER, "harian")), "s1", here.clock.now())
    assert await here.work.look() == 0
    assert await here.at(timedelta(hours=1)) == 1
    assert [path.name for path in (here.drop / "harian").iterdir()] == [NAME]
    text = (here.drop / "harian" / NAME).read_text("utf-8-sig")
    assert text.splitlines()[1].startswith("05.10.2026,efin,10,0.777778,50")
    (run,) = await here.runs.runs()
    assert (run.state, run.tries, run.files[0].name) == (RunState.DONE, 1, NAME)
    assert run.deliveries[0].state is DeliveryState.DELIVERED
    assert await here.at(timedelta(minutes=1)) == 0
    assert await here.work.sweep() == 0
    here.clock.at += timedelta(days=31)
    assert await here.work.sweep() == 1
    assert list(here.made.iterdir()) == []


async def test_a_mail_carries_the_file_and_only_what_failed_is_sent_again(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    letters = Letters("451 later")
    async with mail_server(letters) as port:
        here = world(database, vault, tmp_path, port)
        await here.reports.save(
            _to(Delivery(Means.FOLDER), Delivery(Means.MAIL, "kepala@contoh.invalid")), "s1", here.clock.now()
        )
        assert await here.at(timedelta(hours=1)) == 1
        (run,) = await here.runs.runs()
        assert (run.state, run.outcome) == (RunState.WAITING, "not_delivered")
        assert [one.outcome for one in run.deliveries] == ["", "mail_busy"]
        (here.drop / NAME).unlink()
        here.figures.broken = True  # what was made is sent, not made anew
        letters.answer = ""
        assert await here.at(timedelta(seconds=59)) == 0
        assert await here.at(timedelta(seconds=1)) == 1
    (run,) = await here.runs.runs()
    assert (run.state, run.tries) == (RunState.DONE, 2)
    assert not (here.drop / NAME).exists()
    (letter,) = letters.taken
    assert letters.users == ["laporan", "laporan"]
    assert (letter["To"], letter["From"]) == ("kepala@contoh.invalid", "laporan@contoh.invalid")
    assert letter["Subject"] == "Antrean: 5 Oktober 2026"
    assert letter["Message-ID"] == f"<kring-report-{run.run_id}-1@contoh.invalid>"
    (attached,) = letter.iter_attachments()
    assert attached.get_filename() == NAME
    assert "05.10.2026,efin,10" in attached.get_content()


@pytest.mark.parametrize(
    ("answer", "outcome"), [("550 no such person", "mail_refused"), ("552 too much", "mail_too_large")]
)
async def test_a_mail_that_will_never_go_is_given_up_at_once(
    database: Database, vault: Vault, tmp_path: Path, answer: str, outcome: str
) -> None:
    async with mail_server(Letters(answer)) as port:
        here = world(database, vault, tmp_path, port)
        await here.reports.save(_to(Delivery(Means.MAIL, "a@contoh.invalid")), "s1", here.clock.now())
        await here.at(timedelta(hours=1))
    (run,) = await here.runs.runs()
    assert (run.state, run.outcome, run.deliveries[0].outcome) == (RunState.FAILED, outcome, outcome)


async def test_figures_that_are_away_are_asked_again_and_given_up_in_the_end(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    here = world(database, vault, tmp_path)
    await here.reports.save(DAILY, "s1", here.clock.now())
    here.figures.broken = True
    await here.at(timedelta(hours=1))
    (run,) = await here.runs.runs()
    assert (run.state, run.outcome) == (RunState.WAITING, "figures_unavailable")
    for minutes in load_report_rules().again_after_minutes:
        await here.at(timedelta(minutes=minutes))
    (run,) = await here.runs.runs()
    assert (run.state, run.tries) == (RunState.FAILED, 6)


async def test_a_folder_that_cannot_be_written_is_said_and_tried_again(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    here = world(database, vault, tmp_path)
    here.drop.write_text("no folder")
    await here.reports.save(_to(Delivery(Means.FOLDER, "harian")), "s1", here.clock.now())
    await here.at(timedelta(hours=1))
    (run,) = await here.runs.runs()
    assert (run.state, run.deliveries[0].outcome) == (RunState.WAITING, "folder_failed")
    here.drop.unlink()
    await here.at(timedelta(minutes=1))
    assert (here.drop / "harian" / NAME).is_file()


async def test_a_run_cut_off_by_the_end_of_the_service_goes_on_later(
    database: Database, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(database, vault, tmp_path)
    await here.reports.save(DAILY, "s1", here.clock.now())
    reached = asyncio.Event()

    async def never(*_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(ReportMaking, "paper", never)
        looking = asyncio.create_task(here.at(timedelta(hours=1)))
        await asyncio.wait_for(reached.wait(), 30)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
    (run,) = await here.runs.runs()
    assert (run.state, run.outcome) == (RunState.WAITING, "interrupted")
    assert await here.at(timedelta(minutes=1)) == 1
    assert (await here.runs.run(run.run_id)).state is RunState.DONE


async def test_a_run_that_ends_its_worker_again_and_again_is_given_up(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    here = world(database, vault, tmp_path)
    await here.reports.save(DAILY, "s1", here.clock.now())
    here.clock.at += timedelta(hours=1)
    await here.runs.enqueue_due(here.clock.now())
    for _ in range(6):
        assert await here.runs.claim(here.clock.now(), here.clock.now() + CLAIM)  # and the worker dies
        here.clock.at += CLAIM
    await here.work.look()
    (run,) = await here.runs.runs()
    assert (run.state, run.tries, run.outcome) == (RunState.FAILED, 7, "interrupted")


async def test_mail_that_is_not_set_up_is_said(database: Database, vault: Vault, tmp_path: Path) -> None:
    here = world(database, vault, tmp_path)
    await here.reports.save(_to(Delivery(Means.MAIL, "a@contoh.invalid")), "s1", here.clock.now())
    await here.at(timedelta(hours=1))
    (run,) = await here.runs.runs()
    assert (run.state, run.outcome) == (RunState.FAILED, "mail_off")

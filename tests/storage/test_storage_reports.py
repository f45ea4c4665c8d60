"""Reports and their runs on a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from reporting.asking import Dimension, Interval
from reporting.reports import (
    Asked,
    CodeTaken,
    Definition,
    Delivered,
    Delivery,
    DeliveryState,
    Every,
    Format,
    Layout,
    Means,
    ReportChanged,
    ReportFile,
    RunState,
    Schedule,
    Span,
)
from storage.database import Database, DatabaseProblem
from storage.report_runs import SYSTEM, DurableReportRuns
from storage.reports import DurableReports
from storage.vault import Vault

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB
SOON = timedelta(minutes=5)
DAILY = Definition(
    code="harian-antrean",
    title="Antrean harian",
    layout=Layout.TABLE,
    asked=Asked(
        Span.YESTERDAY, (Dimension.QUEUE,), Interval.HOUR, {Dimension.TEAM: frozenset({"alfa", "b"})}
    ),
    figures=("art", "aht"),
    formats=(Format.XLSX, Format.PDF),
    schedule=Schedule(Every.DAILY, 7 * 60),
    deliveries=(Delivery(Means.MAIL, "kepala@contoh.invalid"), Delivery(Means.FOLDER, "harian")),
)


@pytest.fixture
def reports(database: Database, vault: Vault) -> DurableReports:
    return DurableReports(database, vault)


@pytest.fixture
def runs(database: Database, vault: Vault) -> DurableReportRuns:
    return DurableReportRuns(database, vault)


async def test_a_report_is_kept_in_every_version(reports: DurableReports, database: Database) -> None:
    first = await reports.save(DAILY, "s1", NOW)
    assert first.next_due_at == datetime(2026, 11, 3, 0, 0, tzinfo=UTC)  # 07.00 WIB tomorrow
    by_hand = replace(DAILY, title="Antrean", schedule=None)
    second = await reports.change(first.report_id, 1, by_hand, "s2", NOW + SOON)
    assert (second.version, second.definition, second.next_due_at) == (2, by_hand, None)
    assert (second.created_by, second.changed_by) == ("s1", "s2")
    kept = await reports.versions(first.report_id)
    assert [(one.version, one.by, one.definition) for one in kept] == [(2, "s2", by_hand), (1, "s1", DAILY)]
    with pytest.raises(ReportChanged):
        await reports.change(first.report_id, 1, DAILY, "s1", NOW)
    everything = database.read_now(lambda c: c.execute(sa.text("SELECT * FROM report_versions")).all())
    assert "kepala@contoh" not in repr(everything)
    with pytest.raises(DatabaseProblem, match="append-only"):
        database.write_now(lambda c: c.execute(sa.text("UPDATE report_versions SET who = 'x'")))


async def test_a_code_is_taken_until_its_report_is_removed(reports: DurableReports) -> None:
    first = await reports.save(DAILY, "s1", NOW)
    with pytest.raises(CodeTaken):
        await reports.save(replace(DAILY, title="Lain"), "s1", NOW)
    await reports.remove(first.report_id, 1, "s1", NOW)
    with pytest.raises(KeyError):
        await reports.get(first.report_id)
    assert [one.version for one in await reports.versions(first.report_id)] == [1]
    again = await reports.save(DAILY, "s1", NOW)
    assert [one.report_id for one in await reports.all()] == [again.report_id]


async def test_each_due_time_makes_one_run(reports: DurableReports, runs: DurableReportRuns) -> None:
    saved = await reports.save(DAILY, "s1", NOW)
    assert await runs.enqueue_due(NOW) == 0
    later = datetime(2026, 11, 4, 0, 0, tzinfo=UTC)  # two mornings on, to the minute
    assert [await runs.enqueue_due(later), await runs.enqueue_due(later)] == [2, 0]
    made = sorted(await runs.runs(saved.report_id), key=lambda one: one.first)
    assert [(one.first, one.last) for one in made] == [
        (date(2026, 11, 2), date(2026, 11, 2)),
        (date(2026, 11, 3), date(2026, 11, 3)),
    ]
    assert {one.asked_by for one in made} == {SYSTEM}
    assert (await reports.get(saved.report_id)).next_due_at == datetime(2026, 11, 5, 0, 0, tzinfo=UTC)


async def test_after_weeks_away_only_the_newest_are_made_up_for(
    reports: DurableReports, runs: DurableReportRuns
) -> None:
    await reports.save(DAILY, "s1", NOW)
    assert await runs.enqueue_due(NOW + timedelta(days=30)) == 7
    assert max(one.last for one in await runs.runs()) == date(2026, 12, 1)


async def test_a_run_is_claimed_once_and_again_when_its_worker_died(
    reports: DurableReports, runs: DurableReportRuns
) -> None:
    saved = await reports.save(DAILY, "s1", NOW)
    asked = await runs.ask(saved, "s2", (date(2026, 10, 1), date(2026, 10, 31)), NOW)
    claimed = await runs.claim(NOW, NOW + SOON)
    assert claimed is not None
    assert (claimed.run_id, claimed.state, claimed.tries) == (asked.run_id, RunState.RUNNING, 1)
    assert await runs.claim(NOW, NOW + SOON) is None
    again = await runs.claim(NOW + SOON, NOW + 2 * SOON)
    assert again is not None
    assert (again.tries, again.begun_at) == (2, NOW)
    await runs.settle(again, RunState.WAITING, "mail_refused", NOW + SOON, NOW + 4 * SOON)
    assert await runs.claim(NOW + 3 * SOON, NOW + 4 * SOON) is None
    third = await runs.claim(NOW + 4 * SOON, NOW + 5 * SOON)
    assert third is not None
    await runs.settle(third, RunState.DONE, "", NOW + 4 * SOON)
    assert await runs.claim(NOW + timedelta(days=9), NOW + timedelta(days=10)) is None


async def test_what_a_run_made_and_delivered_is_on_record(
    reports: DurableReports, runs: DurableReportRuns
) -> None:
    saved = await reports.save(DAILY, "s1", NOW)
    run = await runs.ask(saved, "s2", (date(2026, 10, 1), date(2026, 10, 31)), NOW)
    file = ReportFile(Format.PDF, "harian-antrean.pdf", 12, "a" * 64)
    await runs.note_files(run.run_id, [replace(file, form=Format.CSV), file])
    await runs.note_files(run.run_id, [file])  # of a second try
    failed = Delivered(0, DeliveryState.FAILED, NOW, "mail_refused")
    await runs.note_delivery(run.run_id, failed)
    await runs.note_delivery(run.run_id, replace(failed, state=DeliveryState.DELIVERED, outcome=""))
    await runs.settle(run, RunState.DONE, "", NOW + SOON)
    found = await runs.run(run.run_id)
    assert found.files == (file,)
    assert found.deliveries == (Delivered(0, DeliveryState.DELIVERED, NOW),)
    assert await runs.to_remove(NOW + SOON) == []
    assert [one.run_id for one in await runs.to_remove(NOW + 2 * SOON)] == [run.run_id]
    await runs.note_removed(run.run_id, NOW + 3 * SOON)
    assert await runs.to_remove(NOW + 9 * SOON) == []
    assert (await runs.run(run.run_id)).files[0].removed_at == NOW + 3 * SOON

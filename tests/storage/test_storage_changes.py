"""What administrators set: kept with before and after, put in force whole, undone; on both databases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from domain.clock import SystemClock
from ivr.hours import DayKind, DayOverride
from service.config_kinds import FILE_KINDS
from service.config_office import ELSEWHERE, TableOffice
from service.config_sources import make_sources
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from storage.changes import DurableChanges
from storage.database import Database, DatabaseProblem
from storage.quality_forms import DurableForms
from storage.recording_policies import DurablePolicies
from storage.vault import Vault
from web.config_port import (
    CannotUndo,
    ChangedMeanwhile,
    ConfigRefused,
    Form,
    NothingChanged,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WHO = "a" * 32
HEAD = "day,kind,opens,closes,about,assumed\n"
EVE = "2026-12-24,working,08:00,12:00,Menjelang Natal,\n"
ELECTION = "2027-02-17,holiday,,,Pemungutan suara,\n"
AGENTS = "agent,on_air_name,team,languages\n90000001,Contoh,alfa,id\n"


class At(SystemClock):
    def now(self) -> datetime:
        return NOW


@dataclass(slots=True)
class Set:
    """An office on a database."""

    office: TableOffice
    changes: DurableChanges
    days: CalendarOverrides
    tables: AcdTables
    database: Database

    async def put(self, kind: str, text: str, why: str = "") -> int:
        opened = await self.office.open(kind)
        return (await self.office.put(kind, text, opened.based_on, WHO, why)).number

    async def text(self, kind: str) -> str:
        return (await self.office.open(kind)).text


def shipped_file(path: Path) -> Path:
    return path


def office_on(database: Database, vault: Vault, read: Callable[[Path], Path] = shipped_file) -> Set:
    changes, days, tables = (
        DurableChanges(database, vault),
        CalendarOverrides(database),
        AcdTables(database, vault),
    )
    sources = make_sources(
        changes, days, tables, DurableForms(database, At()), DurablePolicies(database), At()
    )
    return Set(TableOffice(sources, changes, vault, At(), read), changes, days, tables, database)


@pytest.fixture
def here(database: Database, vault: Vault) -> Set:
    return office_on(database, vault)


async def test_a_day_that_differs_is_in_force_and_on_record_with_who_before_and_after(here: Set) -> None:
    number = await here.put("days", HEAD + EVE, "Surat edaran")

    [day] = await here.days.all()
    assert (day.day, day.kind, day.about) == (date(2026, 12, 24), DayKind.WORKING, "Menjelang Natal")
    detail = await here.office.change(number)
    assert (detail.row.who, detail.row.at, detail.row.why, detail.row.kind) == (
        WHO,
        NOW,
        "Surat edaran",
        "days",
    )
    assert (detail.before, detail.after) == (HEAD, HEAD + EVE)
    assert (detail.row.added, detail.row.removed) == (1, 0)


async def test_a_preview_changes_nothing(here: Set) -> None:
    preview = await here.office.preview("days", HEAD + ELECTION + EVE)
    assert preview.text == HEAD + EVE + ELECTION  # in order of days
    assert (preview.added, preview.removed, preview.live) == (2, 0, True)
    assert [one.sign for one in preview.differences] == [" ", "+", "+"]
    assert await here.days.all() == []
    assert await here.office.changes() == []


async def test_undoing_a_change_leaves_what_came_later(here: Set) -> None:
    first = await here.put("days", HEAD + EVE)
    await here.put("days", HEAD + EVE + ELECTION)

    assert [one.sign for one in (await here.office.undo_preview(first)).differences] == [" ", "-", " "]
    undone = await here.office.undo(first, WHO, "keliru")

    assert await here.text("days") == HEAD + ELECTION
    assert undone.undoes == first
    rows = await here.office.changes("days")
    assert [(row.number, row.undoes, row.undone_by) for row in rows] == [(3, 1, 0), (2, 0, 0), (1, 0, 3)]
    with pytest.raises(CannotUndo, match="undo_already"):
        await here.office.undo(first, WHO, "")


async def test_undoing_the_undoing_brings_the_change_back(here: Set) -> None:
    first = await here.put("days", HEAD + EVE)
    back = await here.office.undo(first, WHO, "")
    assert await here.text("days") == HEAD
    await here.office.undo(back.number, WHO, "")
    assert await here.text("days") == HEAD + EVE


async def test_a_change_that_was_changed_again_is_not_undone_by_itself(here: Set) -> None:
    first = await here.put("days", HEAD + EVE)
    await here.put("days", HEAD + EVE.replace("12:00", "13:00"))
    with pytest.raises(CannotUndo, match="undo_overlaps"):
        await here.office.undo(first, WHO, "")
    assert await here.text("days") == HEAD + EVE.replace("12:00", "13:00")


async def test_nothing_is_applied_of_a_text_with_mistakes(here: Set) -> None:
    wrong = (
        HEAD
        + EVE
        + "2027-02-30,holiday,,,Salah,\n2027-03-01,festival,,,Salah,\n2027-03-02,holiday,08:00,09:00,Salah,\n"
    )
    opened = await here.office.open("days")
    with pytest.raises(ConfigRefused) as refused:
        await here.office.put("days", wrong, opened.based_on, WHO, "")
    assert [(one.line, one.field) for one in refused.value.mistakes] == [
        (3, "day"),
        (4, "kind"),
        (5, "opens"),
    ]
    assert all(one.remedy for one in refused.value.mistakes)
    assert await here.days.all() == []


async def test_who_read_an_older_text_does_not_overwrite_a_newer_one(here: Set) -> None:
    opened = await here.office.open("days")
    await here.put("days", HEAD + EVE)
    with pytest.raises(ChangedMeanwhile):
        await here.office.put("days", HEAD + ELECTION, opened.based_on, WHO, "")
    with pytest.raises(NothingChanged):
        await here.put("days", HEAD + EVE)
    assert await here.text("days") == HEAD + EVE


async def test_what_is_changed_another_way_stands_on_the_record_as_well(here: Set) -> None:
    await here.days.put(DayOverride(date(2026, 12, 24), DayKind.HOLIDAY, "dari baris perintah"))
    [seen] = await here.office.changes()
    assert (seen.who, seen.kind, seen.added) == (ELSEWHERE, "days", 1)
    await here.put("days", HEAD)
    assert [row.who for row in await here.office.changes()] == [WHO, ELSEWHERE]


async def test_tables_of_agents_are_checked_together_and_in_force_at_once(here: Set) -> None:
    number = await here.put("acd_agents", AGENTS)
    competences = "agent,skill,tier,level,expires\n90000001,efin,B,3,\n"
    await here.put("acd_competences", competences)
    _, book = await here.tables.book()
    assert book.agents["90000001"].team == "alfa"

    with pytest.raises(CannotUndo) as refused:  # somebody's competences would be left without the agent
        await here.office.undo(number, WHO, "")
    assert refused.value.word == "undo_refused"
    assert refused.value.mistakes[0].file == "competences.csv"
    assert "90000001" not in str(refused.value.mistakes)


async def test_a_file_of_the_product_is_set_checked_by_its_own_reader_and_undone(here: Set) -> None:
    shipped = FILE_KINDS["dialer_caps"].shipped()
    with pytest.raises(ConfigRefused) as refused:
        await here.put("dialer_caps", shipped.replace("life: 12", "life: 0"))
    assert "cap" in refused.value.mistakes[0].what

    number = await here.put("dialer_caps", shipped.replace("life: 12", "life: 8"))
    state = (await here.office.open("dialer_caps")).state
    assert (state.own, state.waiting, state.live, state.form) == (True, True, False, Form.YAML)
    await here.office.undo(number, WHO, "")
    state = (await here.office.open("dialer_caps")).state
    assert (state.own, state.waiting) == (False, False)
    assert (await here.changes.text("dialer_caps"))[1] is None  # a newer product's own text is followed


@pytest.mark.parametrize("kind", sorted(FILE_KINDS))
async def test_every_shipped_file_passes_its_own_check(kind: str) -> None:
    FILE_KINDS[kind].check(FILE_KINDS[kind].shipped(), {})


async def test_mistakes_in_a_yaml_name_their_line(here: Set) -> None:
    shipped = FILE_KINDS["desk_cases"].shipped()
    wrong = shipped.replace("        days: 5", "        days: lima", 1)
    line = wrong.splitlines().index("        days: lima") + 1
    with pytest.raises(ConfigRefused) as refused:
        await here.put("desk_cases", wrong)
    assert refused.value.mistakes[0].line == line
    with pytest.raises(ConfigRefused) as refused:
        await here.put("desk_cases", shipped + "versions: []\n")
    assert (refused.value.mistakes[0].field, refused.value.mistakes[0].what) == ("versions", "is there twice")


async def test_a_form_taken_back_is_a_new_version_from_a_later_day(here: Set) -> None:
    shipped = await here.text("form_inbound")
    other = shipped.replace("valid_from: 2019-01-01", "valid_from: 2026-12-01", 1)
    number = await here.put("form_inbound", other)
    preview = await here.office.undo_preview(number)
    assert "valid_from: 2026-12-02" in preview.text
    await here.office.undo(number, WHO, "")
    assert [form.form.version for form in await DurableForms(here.database).versions("inbound")] == [3, 2, 1]


async def test_the_record_of_changes_is_append_only_and_sealed(here: Set) -> None:
    await here.put("acd_agents", AGENTS)
    for statement in ("UPDATE config_changes SET who = 'x'", "DELETE FROM config_changes"):
        with pytest.raises(DatabaseProblem, match="append-only"):
            here.database.write_now(lambda c: c.execute(sa.text(statement)))  # noqa: B023 (run at once)
    rows = here.database.read_now(
        lambda c: c.execute(sa.text("SELECT sealed_after FROM config_changes")).all()
    )
    assert all(b"Contoh" not in bytes(row[0]) for row in rows)


async def test_every_kind_can_be_listed_and_opened(here: Set) -> None:
    kinds = await here.office.kinds()
    assert len(kinds) == len({kind.name for kind in kinds}) >= 40
    assert {kind.group for kind in kinds} == {
        "hours",
        "floor",
        "desk",
        "outbound",
        "recording",
        "quality",
        "planning",
    }
    assert sum(kind.assumed for kind in kinds) > 50
    assert not any(kind.waiting or kind.own for kind in kinds)

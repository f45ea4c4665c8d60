"""Versions of scoring forms: the same on both databases and in memory."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from desk.tables import BadTable
from recording.quality.forms import FORMS, FormsUnavailable, QualityForms
from recording.quality.forms_book import shipped, shipped_text
from recording.quality.scores import Answer
from recording.quality.scoring import evaluate
from storage.database import Database
from storage.quality_forms import DurableForms
from storage.score_tables import quality_forms
from storage.scores_memory import MemoryForms
from tests.storage.conftest import BOTH

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # 10.00 WIB
NEXT = shipped_text("inbound").replace("valid_from: 2019-01-01", "valid_from: 2026-04-01")


@pytest.fixture(params=["memory", *BOTH])
def forms(request: pytest.FixtureRequest) -> Iterator[QualityForms]:
    if request.param == "memory":
        yield MemoryForms(NOW)
        return
    if request.param == "sqlite":
        url = str(request.getfixturevalue("sqlite_url"))
    else:
        url = request.getfixturevalue("postgres").migrated_database()
    database = Database.open(url)
    yield DurableForms(database)
    database.close()


async def test_the_shipped_forms_are_version_1(forms: QualityForms) -> None:
    kept = await forms.versions()
    assert [(one.form.name, one.form.version, one.by) for one in kept] == [
        (name, 1, "system") for name in sorted(FORMS)
    ]
    for name in FORMS:
        assert await forms.get(name, 1) == shipped(name)
        assert await forms.for_day(name, date(2026, 3, 2)) == shipped(name)


async def test_an_import_is_the_next_version_from_its_day_on(forms: QualityForms) -> None:
    checked = await forms.check("inbound.yaml", NEXT, NOW)
    assert len(await forms.versions("inbound")) == 1
    form = await forms.keep("inbound.yaml", NEXT, NOW, "lead-1", "shares agreed on")
    assert form == checked
    assert (form.version, form.valid_from) == (2, date(2026, 4, 1))
    assert await forms.for_day("inbound", date(2026, 3, 31)) == shipped("inbound")
    assert await forms.for_day("inbound", date(2026, 4, 1)) == form
    newest = (await forms.versions("inbound"))[0]
    assert (newest.form, newest.text, newest.by, newest.why, newest.at) == (
        form,
        NEXT,
        "lead-1",
        "shares agreed on",
        NOW,
    )
    assert len(await forms.versions()) == 4


async def test_a_new_version_never_changes_what_an_older_one_gave(forms: QualityForms) -> None:
    old = await forms.get("inbound", 1)
    answers = dict.fromkeys((question.code for question in old.questions), Answer.YES) | {
        "accuracy": Answer.NO
    }
    before = evaluate(old, answers, {"transfer": "answered_rightly"})
    accuracy = NEXT.index("      accuracy:")
    changed = NEXT[:accuracy].replace("share: 30\n", "share: 40\n") + NEXT[accuracy:].replace("50", "40", 1)
    new = await forms.keep("inbound.yaml", changed, NOW, "lead-1", "")
    assert new.criterion("answer") != old.criterion("answer")
    assert evaluate(await forms.get("inbound", 1), answers, {"transfer": "answered_rightly"}) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NEXT.replace("2026-04-01", "2026-03-01"), "is in the past"),
        (NEXT.replace("weight: 25", "weight: 26"), "the weights are 101 together"),
        (NEXT.replace("[answer]", "[anser]"), "`anser` is no criterion or item"),
        (shipped_text("inbound"), "this is version 1 already"),
        ("", "inbound.yaml:1:"),
        ("form: [", "this is not YAML"),
    ],
)
async def test_a_form_with_a_mistake_is_not_kept(forms: QualityForms, text: str, told: str) -> None:
    with pytest.raises(BadTable, match=told):
        await forms.keep("inbound.yaml", text, NOW, "lead-1", "")
    assert len(await forms.versions()) == 3


async def test_versions_follow_each_other_in_time(forms: QualityForms) -> None:
    await forms.keep("inbound.yaml", NEXT, NOW, "lead-1", "")
    same_day = NEXT.replace("ND-550", "ND-551")
    with pytest.raises(BadTable, match="version 2 is in force from 2026-04-01, not before this one"):
        await forms.keep("inbound.yaml", same_day, NOW, "lead-1", "")
    later = await forms.keep("inbound.yaml", same_day.replace("04-01", "04-02"), NOW, "lead-1", "")
    assert later.version == 3


async def test_today_is_the_offices_day(forms: QualityForms) -> None:
    late = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)  # 1 April in Jakarta
    assert (await forms.keep("inbound.yaml", NEXT, late, "lead-1", "")).version == 2


async def test_what_is_not_there_is_said_so(forms: QualityForms) -> None:
    with pytest.raises(KeyError):
        await forms.get("inbound", 2)
    with pytest.raises(KeyError):
        await forms.get("chat", 1)
    with pytest.raises(KeyError):
        await forms.for_day("chat", date(2026, 1, 1))


async def test_the_shipped_version_is_that_of_the_program_that_first_ran(database: Database) -> None:
    first = shipped_text("inbound").replace("ND-550", "ND-549")
    row = {"name": "inbound", "version": 1, "valid_from": date(2019, 1, 1), "at": NOW, "text": first}
    insert = sa.insert(quality_forms).values({**row, "done_by": "system", "why": ""})
    database.write_now(lambda connection: connection.execute(insert))
    forms = DurableForms(database)
    assert (await forms.get("inbound", 1)).source.startswith("ND-549")
    assert (await forms.get("outbound", 1)) == shipped("outbound")


async def test_forms_that_cannot_be_read_say_so(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    insert = sa.insert(quality_forms).values(
        name="inbound", version=1, valid_from=date(2019, 1, 1), at=NOW, text="form: [", done_by="x", why=""
    )
    database.write_now(lambda connection: connection.execute(insert))
    with pytest.raises(FormsUnavailable, match="inbound, version 1:1: this is not YAML"):
        await DurableForms(database).versions()
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE quality_forms")))
    with pytest.raises(FormsUnavailable):
        await DurableForms(database).versions()
    database.close()

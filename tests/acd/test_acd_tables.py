from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from acd.floor_rules import RULE_NAMES, FloorRules
from acd.skills import Competence, Gate, Tier
from acd.tables_csv import COLUMNS, DATA, CsvRefused, dump, load, load_folder
from call_flows.book import SHIPPED
from call_flows.book import load_folder as load_flows
from call_flows.known import Known
from prompts.library import Library

TODAY = date(2026, 11, 23)
SOUND = {
    "skills": "skill,about,levels,wider,assumed\ngeneral,,3,kup,\nkup,Umum,3,,\n",
    "agents": "agent,on_air_name,team,languages\n"
    "199001012015011001,Melati,pagi,id en\n199001012015011002,Kenanga,pagi,id\n",
    "competences": "agent,skill,tier,level,expires\n199001012015011001,kup,B,2,2026-11-23\n"
    "199001012015011002,general,A,1,\n",
    "rings": "plan,after_s,tiers,least_level,reach,assumed\nwide,0,A,2,0,\nwide,60,A B,1,1,\n",
    "requirements": "queue,skill,tier,plan,priority,assumed\nkup_information,kup,A,wide,1,yes\n",
    "reserves": "skill,tier,keep,assumed\nkup,B,1,\n",
}


def refusals(**changed: str) -> list[str]:
    with pytest.raises(CsvRefused) as refused:
        load({**SOUND, **changed}, TODAY)
    return [str(problem) for problem in refused.value.problems]


def test_what_is_written_is_read_back_the_same() -> None:
    book = load(SOUND, TODAY)
    assert load(dump(book.tables), TODAY).tables == book.tables
    assert dump(load(dump(book.tables)).tables) == dump(book.tables)


def test_a_spreadsheets_own_csv_is_read() -> None:
    text = "\ufeff" + SOUND["agents"].replace(",", ";").replace("\n", "\r\n") + ";;;\r\n"
    assert load({**SOUND, "agents": text}, TODAY).tables == load(SOUND, TODAY).tables


def test_every_queue_of_the_shipped_flows_has_a_requirement_and_says_it_is_assumed() -> None:
    flows = load_flows(SHIPPED, Known.of(Library.load(Path("prompts"))))
    book = load_folder(DATA, TODAY)
    assert set(book.requirements) == set(flows.queues())
    assert all(book.requirement(f"{skill}/{tier}") for skill in book.skills for tier in Tier)
    assert book.requirement("efin/D") is None
    assert all(row.assumed for row in book.tables.skills)
    assert all(row.assumed for row in book.tables.plans)
    assert all(row.assumed for row in book.tables.requirements)
    assert all(row.assumed for row in book.tables.reasons)
    assert {row.name for row in book.tables.rules} == set(RULE_NAMES)
    assert FloorRules.of(book.tables.rules) == FloorRules(), "the defaults are the shipped values"
    assert "missed_ring" in book.reasons
    assert {path.stem for path in DATA.glob("*.csv")} >= set(COLUMNS)


def test_a_competence_holds_to_the_end_of_its_last_day_in_jakarta() -> None:
    row = Competence("1234", "kup", Tier.B, 2, TODAY)
    assert row.holds(datetime(2026, 11, 23, 16, 59, tzinfo=UTC))  # 23.59 WIB
    assert not row.holds(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))  # midnight WIB
    with pytest.raises(ValueError, match="without a time zone"):
        row.holds(datetime(2026, 11, 23))  # noqa: DTZ001 - a naive moment is what is refused
    book = load(SOUND, TODAY)
    agent = "199001012015011001"
    evening, night = datetime(2026, 11, 23, 16, tzinfo=UTC), datetime(2026, 11, 23, 18, tzinfo=UTC)
    assert book.ability(agent, evening).gates == {Gate("kup", Tier.B, 2, "id"), Gate("kup", Tier.B, 2, "en")}
    assert book.ability(agent, night).gates == frozenset()
    assert (book.next_expiry(evening), book.next_expiry(night)) == (TODAY, None)


def test_an_expired_competence_is_refused_at_import_and_kept_when_read_again_later() -> None:
    with pytest.raises(CsvRefused) as refused:
        load(SOUND, date(2026, 11, 24))
    assert [str(problem) for problem in refused.value.problems] == [
        "competences.csv, row 2, expires: `2026-11-23`: has expired. "
        "Remedy: a later date, or leave the row out"
    ]
    assert load(SOUND).competences_of("199001012015011001")


BAD = {
    "an unknown skill": (
        {"competences": SOUND["competences"] + "199001012015011002,kupp,A,1,\n"},
        "competences.csv, row 4, skill: `kupp`: no such skill. Remedy: one of kup",
    ),
    "a duplicate agent": (
        {"agents": SOUND["agents"] + "199001012015011001,Mawar,pagi,id\n"},
        "agents.csv, row 4, agent: `…1001`: is there twice, first in row 2. Remedy: remove one of them",
    ),
    "an unknown agent": (
        {"competences": SOUND["competences"] + "199001012015019999,kup,A,1,\n"},
        "competences.csv, row 4, agent: `…9999`: no such agent. Remedy: add the agent first, or correct it",
    ),
    "skills in a circle": (
        {"skills": SOUND["skills"].replace("kup,Umum,3,,", "kup,Umum,3,general,")},
        "skills.csv, row 2, wider: `kup`: a circle: general → kup → general. Remedy: leave one of them empty",
    ),
    "rings that open in the wrong order": (
        {"rings": SOUND["rings"] + "wide,45,A B C,1,1,\n"},
        "rings.csv, row 4, after_s: `45`: opens no later than the ring before. Remedy: more than 60",
    ),
    "rings that shut out": (
        {"rings": SOUND["rings"] + "wide,90,B C,1,1,\n"},
        "rings.csv, row 4, tiers: `B C`: shuts out a tier of the ring before. Remedy: also A",
    ),
    "rings that ask more": (
        {"rings": SOUND["rings"] + "wide,90,A B C,3,0,\n"},
        "rings.csv, row 4, least_level: `3`: asks more than the ring before. Remedy: 1 or less",
    ),
    "a late first ring": (
        {"rings": SOUND["rings"].replace("wide,0,", "wide,5,")},
        "rings.csv, row 2, after_s: `5`: the first ring must open at once. Remedy: 0",
    ),
    "a tier outside the first ring": (
        {"requirements": SOUND["requirements"].replace("kup,A,wide", "kup,C,wide")},
        "requirements.csv, row 2, tier: `C`: is not in the first ring of `wide`. "
        "Remedy: one of A, or another plan",
    ),
    "no such plan": (
        {"requirements": SOUND["requirements"].replace("wide", "wild")},
        "requirements.csv, row 2, plan: `wild`: no such plan of rings. Remedy: one of wide",
    ),
    "no tier": (
        {"reserves": SOUND["reserves"].replace("B", "D")},
        "reserves.csv, row 2, tier: `D`: is no tier. Remedy: A, B or C",
    ),
    "no number": (
        {"competences": SOUND["competences"].replace("B,2", "B,two")},
        "competences.csv, row 2, level: `two`: is no whole number. Remedy: digits only, six at most",
    ),
    "no date": (
        {"competences": SOUND["competences"].replace("2026-11-23", "23/11/2026")},
        "competences.csv, row 2, expires: `23/11/2026`: is no date. "
        "Remedy: write it as 2030-01-31, or leave it empty",
    ),
    "too few cells": (
        {"agents": SOUND["agents"] + "199001012015011003,Mawar\n"},
        "agents.csv, row 4, row: ``: has 2 cells where the headings have 4. "
        "Remedy: one cell a column; quote cells that hold a comma",
    ),
    "a formula for a name": (
        {"agents": SOUND["agents"].replace("Melati", "=HYPERLINK()")},
        "agents.csv, row 2, on_air_name: `=HYPERLINK()`: no name to say on air. "
        "Remedy: a letter first, then letters, spaces, . ' or -, 40 at most",
    ),
    "other headings": (
        {"reserves": "skill,tier\n"},
        "reserves.csv, row 1, headings: `skill, tier`: other columns are expected. "
        "Remedy: skill, tier, keep, assumed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_row_is_named_with_its_remedy(changed: dict[str, str], message: str) -> None:
    assert message in refusals(**changed)


def test_every_mistake_is_told_at_once_and_no_staff_number_in_full() -> None:
    broken = SOUND["competences"] + "199001012015011002,kup,X,1,\n199001012015011002,kup,A,-,\n"
    agents = SOUND["agents"] + '199001012015011003,"Mawar,pagi,id\n'
    found = refusals(competences=broken, agents=agents)
    assert [text.split(":")[0] for text in found] == [
        "agents.csv, row 4, row", "competences.csv, row 4, tier", "competences.csv, row 5, level",
    ]  # fmt: skip
    assert not any("19900101" in text for text in found)


@pytest.mark.parametrize(
    ("table", "row", "what"),
    [
        ("pause_reasons", "prayer,Salat,Prayer,2,20,\nnap,Tidur,Nap,2,10,", "is there twice"),
        ("pause_reasons", "prayer,Salat,Prayer,12,20,", "is no single digit"),
        ("pause_reasons", "prayer,Salat,Prayer,2,-1,", "is no limit"),
        ("pause_reasons", "prayer,=Salat,Prayer,2,20,", "no name to show"),
        ("rules", "ring_secnds,15,,", "no such rule"),
        ("rules", "ring_seconds,0,,", "makes no sense here"),
        ("rules", "ring_seconds,soon,,", "is no number"),
    ],
)
def test_pause_reasons_and_rules_that_make_no_sense_are_refused(table: str, row: str, what: str) -> None:
    with pytest.raises(CsvRefused, match=what) as refused:
        load({**SOUND, table: ",".join(COLUMNS[table]) + "\n" + row + "\n"}, TODAY)
    assert refused.value.problems[0].file == f"{table}.csv"


def test_pause_reasons_and_rules_go_to_and_fro() -> None:
    shipped = load_folder(DATA, TODAY)
    assert load(dump(shipped.tables), TODAY).tables == shipped.tables
    assert shipped.reasons["prayer"].limit_minutes == 20

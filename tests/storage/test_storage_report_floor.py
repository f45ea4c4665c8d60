"""The export of a queue_log out of the database: whole over days that follow each other."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from acd.tables_csv import DATA, load
from domain.floor_log import AgentRow, EntryRow, FloorRow, LegRow, Phase
from storage.database import Database
from storage.floor_rows import table_row
from storage.report_floor import queues_of, write_queue_log
from storage.tables import metadata

AGENT = "90000001"
MIDNIGHT = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)  # 3 November 00.00 WIB
BOOK = load(
    {
        "skills": "skill,about,levels,wider,assumed\nefin,EFIN,5,,yes\nkup,KUP,5,,yes\n",
        "agents": f"agent,on_air_name,team,languages\n{AGENT},Contoh,alfa,id\n",
        "competences": f"agent,skill,tier,level,expires\n{AGENT},efin,B,3,\n",
        "pause_reasons": (DATA / "pause_reasons.csv").read_text("utf-8"),
        "rings": "plan,after_s,tiers,least_level,reach,assumed\nb_first,0,B,1,0,yes\n",
        "requirements": "queue,skill,tier,plan,priority,assumed\n"
        "efin,efin,B,b_first,0,yes\nkup,kup,B,b_first,0,yes\n",
    }
)
DAYS = date(2026, 11, 2), date(2026, 11, 3)


def _at(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def _leg(seq: int, second: float, phase: Phase, seconds: float | None, outcome: str = "") -> LegRow:
    return LegRow("l1", seq, _at(second), "c1", AGENT, phase, seconds, outcome)


ROWS: list[FloorRow] = [
    AgentRow(AGENT, _at(-3 * 86400), "paused", "idle", "start"),  # days ago: still known
    AgentRow(AGENT, _at(-100), "ready", "idle"),
    EntryRow("c1", _at(-30), "efin", "id", _at(-30)),
    _leg(1, -20, Phase.RING, None),
    _leg(2, -10, Phase.RING, 10.0, "answered"),
    EntryRow("c1", _at(-10), "efin", "id", _at(-30), "answered"),
    _leg(3, -10, Phase.TALK, None),
    _leg(4, 50, Phase.TALK, 60.0, "agent_hung_up"),
    AgentRow(AGENT, _at(60), "signed_out", "idle"),
]


def _keep(database: Database) -> None:
    def work(connection: sa.Connection) -> None:
        for n, row in enumerate(ROWS, 1):
            name, values = table_row(n, row)
            table = metadata.tables[name]
            made = dict(zip((column.name for column in table.columns), values, strict=True))
            for column in table.columns:
                if made[column.name] is not None and column.name in ("at", "since"):
                    made[column.name] = datetime.fromisoformat(made[column.name])
            connection.execute(sa.insert(table).values(made))

    database.write_now(work)


def test_a_call_over_midnight_is_whole_over_two_days(database: Database) -> None:
    _keep(database)
    whole: list[str] = []
    count = write_queue_log(database, BOOK, DAYS, whole.append)
    apart: list[str] = []
    for day in DAYS:
        write_queue_log(database, BOOK, (day, day), apart.append)
    assert whole == apart
    assert count == len(whole)
    base = int(MIDNIGHT.timestamp())
    assert "".join(whole).splitlines() == [
        f"{base - 100}|NONE|NONE|Agent/{AGENT}|UNPAUSEALL",
        f"{base - 100}|NONE|efin|Agent/{AGENT}|UNPAUSE",
        f"{base - 30}|c1|efin|NONE|ENTERQUEUE|||1",
        f"{base - 10}|c1|efin|Agent/{AGENT}|CONNECT|20|l1|10",
        f"{base + 50}|c1|efin|Agent/{AGENT}|COMPLETEAGENT|20|60|1",
        f"{base + 60}|NONE|efin|Agent/{AGENT}|REMOVEMEMBER",
    ]


def test_an_agent_serves_the_queues_of_the_own_skills() -> None:
    assert queues_of(BOOK, AGENT, MIDNIGHT) == ["efin"]
    assert queues_of(BOOK, "90000099", MIDNIGHT) == []

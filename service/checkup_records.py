"""What `kring doctor` looks at in the database: tables in force, what waits for a start, alarms."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from acd.skills import office_day
from domain.clock import SystemClock
from recording.alarms import Urgency, urgency
from service import checkup_calendar, checkup_floor
from service.checkup_limits import limits
from service.findings import Finding, note, warning
from service.settings import Settings, SettingsError
from storage.database import Database, DatabaseProblem
from storage.tables import SCHEMA_REVISION
from storage.vault import Vault, VaultProblem


def records(settings: Settings) -> Iterator[Finding]:
    """Look at what stands in the database. That one cannot be opened is told by `database`."""
    from service.secrets import MASTER_KEY

    if settings.database_url is None and not (settings.home / "kring.db").exists():
        return
    try:
        vault = Vault.load(settings.secrets_folder / MASTER_KEY)
        database = Database.open(settings.database)
    except (DatabaseProblem, SettingsError, VaultProblem, OSError):
        return
    try:
        yield from asyncio.run(_found(settings, database, vault))
    except (DatabaseProblem, VaultProblem) as error:
        what, _, remedy = str(error).partition(" Remedy: ")
        yield Finding("records", what, remedy or "look at the message")
    finally:
        database.close()


async def _found(settings: Settings, database: Database, vault: Vault) -> Sequence[Finding]:
    now = datetime.now(UTC)
    return [
        *await _schema(database, now),
        *await _hours(database, now),
        *await _floor(database, vault, now),
        *await _config(settings, database, vault),
        *await _alarms(database),
        *await _attempts(database),
        *doubles(),
    ]


def doubles() -> Sequence[Finding]:
    """Return what is a double of this installation: whoever relies on it relies on nothing."""
    from service.matter_proof import proof_means

    if not proof_means().simulated:
        return []
    told = "codes of proof (OTP, token) are simulated: they are sent to nobody and prove nothing"
    remedy = (
        "join the administration's system behind desk.matters_proof.ProofMeans in service/matter_proof.py"
    )
    return [warning("proofs", told, remedy)]


async def _schema(database: Database, now: datetime) -> Sequence[Finding]:
    """Return revision and clock of the database."""

    def look(connection: Connection) -> tuple[str, float]:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        asked = "SELECT strftime('%s', 'now')" if database.is_sqlite else "SELECT extract(epoch FROM now())"
        return str(revision), float(connection.exec_driver_sql(asked).scalar() or 0)

    revision, there = await database.read(look)
    apart = abs(there - now.timestamp())
    found = [Finding("revision", f"schema {revision}, as this program needs it")]
    if revision != SCHEMA_REVISION:
        found = [Finding("revision", f"schema {revision}, needed is {SCHEMA_REVISION}", "start this version")]
    if not database.is_sqlite and apart > limits().clock_seconds:
        told = f"the database server's clock differs by {apart:.0f} s"
        found.append(warning("clock", told, "keep both clocks in step with the network's time"))
    return found


async def _hours(database: Database, now: datetime) -> Sequence[Finding]:
    from ivr.hours_tables import TableProblem, load_office_hours
    from storage.calendar import CalendarOverrides

    try:
        hours = load_office_hours().with_overrides(await CalendarOverrides(database).all())
    except TableProblem as error:
        what, _, remedy = str(error).partition(" Remedy: ")
        return [Finding("hours", what, remedy or "/pengaturan/ivr_hours")]
    return list(checkup_calendar.calendar(hours, office_day(now)))


async def _floor(database: Database, vault: Vault, now: datetime) -> Sequence[Finding]:
    from acd.tables_csv import CsvRefused
    from storage.acd_tables import AcdTables
    from storage.campaigns import DurableCampaigns
    from storage.lists import DurableLists

    try:
        _, book = await AcdTables(database, vault).book()
    except CsvRefused as error:
        told = f"{len(error.problems)} mistakes, first {error.problems[0]}"
        return [Finding("tables", told, "kring acd tables check FOLDER, then import")]
    every = await DurableCampaigns(database, lambda _: None).all()
    lists = await DurableLists(database, vault).all()
    return [
        *checkup_floor.agents(book, now),
        *checkup_floor.queues(book, now),
        *checkup_floor.campaigns(every, lists, book, now),
    ]


async def _config(settings: Settings, database: Database, vault: Vault) -> Sequence[Finding]:
    """Return what was set and is not in force, and how much is assumed."""
    from service.config_side import make_office

    kinds = await make_office(database, vault, SystemClock()).kinds()
    waiting = [kind.file for kind in kinds if kind.waiting]
    own = sum(kind.own for kind in kinds)
    found = [Finding("settings", f"{own} of {len(kinds)} tables are set here, all in force")]
    if waiting:
        told = f"{len(waiting)} changed tables are not in force: {', '.join(waiting[:5])}"
        remedy = "start the service again; if they stay, look at the table on /pengaturan: it does not fit"
        found = [warning("settings", told, remedy)]
    assumed = sum(kind.assumed for kind in kinds)
    if assumed:
        told = f"{assumed} values that nobody has published, in {sum(1 for k in kinds if k.assumed)} tables"
        found.append(note("assumed", told, "compare them with the office's rules at /pengaturan"))
    return found


async def _alarms(database: Database) -> Sequence[Finding]:
    from storage.recording_alarms import DurableAlarms

    every = await DurableAlarms(database, SystemClock()).open()
    urgent = [one for one in every if urgency(one.kind, one.detail) is Urgency.AT_ONCE]
    if not every:
        return [Finding("alarms", "no alarm about recordings is open")]
    told = f"{len(every)} alarms about recordings are open, {len(urgent)} of them urgent"
    make = Finding if urgent else warning
    return [make("alarms", told, "look at /pengawasan-rekaman")]


async def _attempts(database: Database) -> Sequence[Finding]:
    from dialer.attempts import AttemptState
    from storage.attempt_tables import attempts

    query = sa.select(sa.func.count()).where(attempts.c.state == AttemptState.UNKNOWN.value)
    unknown = await database.read(lambda connection: connection.execute(query).scalar()) or 0
    if unknown:
        told = f"nobody knows what became of {unknown} attempts to reach people outside"
        return [
            warning("attempts", told, "kring dialer flagged; they count as attempts and are not repeated")
        ]
    return [Finding("attempts", "what became of each attempt is known")]

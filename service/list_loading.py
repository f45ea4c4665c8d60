"""Loads one list in a process of its own: one half takes rows, the other writes them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from desk.working_days import office_day
from dialer.campaigns import CampaignKind
from dialer.imports import FileFault, FileRefused
from dialer.kinds import load_kinds
from dialer.lists import ListChanged, ListsUnavailable
from dialer.rows_sieve import Sieve
from dialer.rows_tables import load_places, load_words
from service.list_jobs import LoadJob, own_name
from service.list_load import ListLoad
from service.list_pipe import taken_beside
from service.list_plan import SheetPlan
from service.list_reading import TableFile
from service.list_taking import RowTaker, Taken
from storage.database import Database, DatabaseProblem
from storage.list_known import KeysInUse, SolvedKeys, SuppressedKeys
from storage.list_loads import ListLoads
from storage.list_rows import ListRows
from storage.list_writing import ListWriter, NotLoading
from storage.lists import header_context
from storage.vault import Vault


def load(job: LoadJob, list_id: str, table: TableFile, plans: Sequence[SheetPlan]) -> int:
    """Load a file as a list; return the process's exit code."""
    vault = Vault.load(Path(job.key_file))
    now = datetime.now(UTC)
    rows = ListRows(vault)
    taker = RowTaker(list_id, job.mapping, load_places(now), load_words(now), rows, vault.lookup_key)
    with taken_beside(lambda: taker.take(table, plans)) as batches:
        database = Database.open(job.database)
        loads = ListLoads(database, vault)
        try:
            loads.read_by(list_id, own_name())
            fault = _write(job, list_id, plans, batches, database, vault)
        except NotLoading:
            return 1  # it was cancelled; who did it cleans up
        except BaseException:
            _break_off(loads, list_id, "error", job.by)
            raise
        else:
            if fault:
                _break_off(loads, list_id, fault, job.by)
            return 1 if fault else 0
        finally:
            database.close()


def _write(
    job: LoadJob,
    list_id: str,
    plans: Sequence[SheetPlan],
    batches: Iterator[Taken],
    database: Database,
    vault: Vault,
) -> str:
    """Write the list; return why that broke off, or nothing."""
    rows, writer = ListRows(vault), ListWriter(database, list_id)
    try:
        header = rows.sealed_texts(plans[0].header.columns, header_context(list_id))
        writer.begin([one.name for one in plans], header, sum(one.about for one in plans))
        load = ListLoad(list_id, job.mapping, plans, _sieve(job, database, vault), rows, writer)
        tally = load.run(batches)
        writer.finish(tally.counts(), tally.reasons, job.by)
    except FileRefused as error:
        return error.fault.value
    except (ListsUnavailable, DatabaseProblem):
        return "database"
    except MemoryError:
        return FileFault.ZIP_BOMB.value
    return ""


def _sieve(job: LoadJob, database: Database, vault: Vault) -> Sieve:
    now = datetime.now(UTC)
    kinds = load_kinds().at(now)
    outcomes = [kind.value for kind in kinds[CampaignKind(job.kind)].outcomes] if job.kind else []
    return Sieve(
        KeysInUse(database, office_day(now)),
        SuppressedKeys(database),
        SolvedKeys(database, outcomes, job.cut_off),
        ListLoads(database, vault).next_contact(),
    )


def _break_off(loads: ListLoads, list_id: str, fault: str, by: str) -> None:
    try:
        loads.fail(list_id, fault, by)
        loads.clean()
    except (ListChanged, ListsUnavailable):
        return  # whoever watches this process sees that it ended, and cleans up

"""The pages, joined with the calls and records of the same service."""

from collections.abc import Iterator

from desk.matter_data import TableProblem
from desk.proof_rules import ProofTableProblem
from desk.tables import BadTable
from domain.clock import SystemClock
from service import floor_part
from service.joined import Calls, Records
from service.metrics import Metrics
from service.operations import ServiceOperations
from service.set_up import Prepared
from service.softphone_part import Beneath, make_softphones
from service.staff_part import make_staff
from service.tree import StartFailed
from service.web_part import Pages, Stands
from web.assets import Assets
from web.texts import TextsProblem

PAGE_PROBLEMS = (BadTable, TableProblem, ProofTableProblem, TextsProblem)  # of tables that pages read


def filled(pages: Pages) -> Iterator[None]:
    """Add the areas of the pages, one at each step. Raises StartFailed."""
    try:
        yield from pages.fill()
    except PAGE_PROBLEMS as error:
        raise StartFailed(str(error)) from error


def join_pages(
    prepared: Prepared,
    calls: Calls,
    records: Records,
    operations: ServiceOperations,
    metrics: Metrics,
    assets: Assets,
) -> Pages:
    """Return the pages and what they need beside the calls."""
    settings, clock = prepared.settings, SystemClock()
    staff = make_staff(records.database, records.vault, settings, clock)
    knows = floor_part.knows_agent(calls.floor)
    beneath = Beneath(records.database, calls.accounts, calls.client, staff, clock, metrics.registry, knows)
    phones = make_softphones(beneath, settings, prepared.asterisk)
    stands = Stands(
        prepared,
        records.database,
        records.vault,
        records.directory,
        records.accounts,
        calls.floor,
        calls.accounts,
        calls.switchboard,
        lambda: calls.hours.hours,
        lambda: calls.tables.book,
        clock,
        assets,
        calls.outbound,
        calls.recording,
        calls.announcing,
    )
    return Pages(stands, operations, staff, phones)

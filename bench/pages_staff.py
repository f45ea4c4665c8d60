"""Agents who are signed in to the pages of a running product: people and sessions put on its database."""

import asyncio
from collections.abc import Mapping, Sequence

from bench.processes import Installation
from domain.clock import SystemClock
from domain.ids import new_id
from domain.staff import Credential, Staff, StaffRole
from service.secrets import MASTER_KEY
from service.settings import load_settings
from storage.audit import DurableAudit
from storage.database import Database
from storage.floor_rows import agent_of
from storage.staff import DurableStaff
from storage.staff_sessions import DurableSessions
from storage.tables import floor_agents
from storage.vault import Vault
from web.sign_in_sessions import StaffSessions

BROWSER = "kring-bench"  # the user agent that the sessions belong to
NOBODYS = "!"  # a hash that no password has: these people come in by their sessions alone


def sign_in(
    environment: Mapping[str, str], numbers: Sequence[str], team: str, browser: str = BROWSER
) -> list[str]:
    """Make a session in a browser (its user agent) for each staff number; return the cookies in that order.

    Who is not there yet is made. `environment` is that in which `kring` finds the installation.
    """

    async def made(database: Database, vault: Vault) -> list[str]:
        clock = SystemClock()
        people = DurableStaff(database, vault)
        known = {one.number: one for one in await people.all()}
        new = [
            Staff(new_id(), f"bench{number}", f"Agen {number}", frozenset({StaffRole.AGENT}), number, team)
            for number in numbers
            if number not in known
        ]
        await people.add([(one, Credential(NOBODYS, False, clock.now())) for one in new])
        known.update((one.number, one) for one in new)
        sessions = StaffSessions(DurableSessions(database, people), DurableAudit(database), clock)
        return [(await sessions.begin(known[number], browser))[0] for number in numbers]

    settings = load_settings(environment)
    database = Database.open(settings.database)
    try:
        return asyncio.run(made(database, Vault.load(settings.secrets_folder / MASTER_KEY)))
    finally:
        database.close()


def changes(product: Installation, since: float, until: float) -> Mapping[str, list[tuple[float, str]]]:
    """Return the record of the floor: staff number → (wall time, observed state) of changes, in order."""
    database = Database.open(load_settings(product.environment).database)
    try:
        rows = database.read_now(lambda c: c.execute(floor_agents.select().order_by(floor_agents.c.n)).all())
    finally:
        database.close()
    found: dict[str, list[tuple[float, str]]] = {}
    for row in map(agent_of, rows):
        if since <= row.at.timestamp() < until:
            found.setdefault(row.agent, []).append((row.at.timestamp(), row.observed))
    return found

"""Whom the proof calls: made-up contacts on lists, two campaigns, agents; and who is not to be called."""

import random
import time as clock_time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from acd.tables_csv import COLUMNS, DATA
from bench.ledger_book import CampaignRow, Limits
from dialer.campaigns import CampaignKind, CampaignState, Caps, Definition, Pacing, RetryRule, Window
from dialer.contacts import NPWP_KEY, NUMBER_KEY
from dialer.lists import ListState, Requester
from dialer.reasons import WhyNot
from dialer.rows import ReadRow
from dialer.rows_sieve import Kept
from domain.zones import Zone
from ivr.hours import DayKind, DayOverride
from storage.calendar import CalendarOverrides
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.list_rows import CONTACT_COLUMNS, ListRows
from storage.list_tables import contact_keys, contacts, lists
from storage.lists import DurableLists
from storage.suppressions import DurableSuppressions
from storage.vault import Vault

LOADED_BY, APPROVED_BY = "staff-loads", "staff-approves"
AGENTS = tuple(f"7100000{n}" for n in range(1, 7))
ZONES = (*[Zone.WIB] * 7, Zone.WITA, Zone.WIT, Zone.UNKNOWN)
OPENS, CLOSES = time(8), time(16)
RING = 15.0
SOON, LATER = timedelta(seconds=60), timedelta(days=3)
UNREACHED = (
    "busy", "no_answer", "rejected", "not_in_service", "congestion", "moved", "failed", "cancelled",
    "refused_by_guard", "hung_up_early",
)  # fmt: skip
RETRY = {
    **{code: RetryRule(6, SOON) for code in UNREACHED},
    "abandoned": RetryRule(2, LATER),
    "answered_late": RetryRule(2, LATER),
    "lost": RetryRule(2, timedelta(days=1)),
}
_FAR_AWAY = date(2099, 12, 31)


@dataclass(slots=True)
class World:
    """What was made."""

    database: Database
    vault: Vault
    campaigns: DurableCampaigns
    ids: tuple[str, str]  # agentless, progressive
    lists: tuple[str, ...]  # kept, to be withdrawn, expired
    stops: list[tuple[str, float]]
    taxpayers: list[bytes]
    dice: random.Random

    def key(self, text: str) -> bytes:
        """Return a fingerprint."""
        return self.vault.lookup_key(text)[:16]

    def fingerprint(self, digits: str) -> str:
        """Return a number's fingerprint, in hex."""
        return self.key(NUMBER_KEY + digits).hex()

    async def move(self, to: CampaignState, *which: int) -> float:
        """Start, pause or stop campaigns; return when that was done (Unix seconds)."""
        for place in which or (0, 1):
            await self.campaigns.move(self.ids[place], to, APPROVED_BY, datetime.now(UTC))
        return clock_time.time()

    async def stop_calling(self, many: int) -> None:
        """Put taxpayers, chosen by chance, on do-not-call."""
        suppressions = DurableSuppressions(self.database)
        for key in self.dice.sample(self.taxpayers, many):
            await suppressions.add(key, WhyNot.DO_NOT_CALL.value, APPROVED_BY, datetime.now(UTC))
            self.stops.append((key.hex(), clock_time.time()))

    async def withdraw(self, list_id: str) -> float:
        """Withdraw a list; return when."""
        await DurableLists(self.database, self.vault).withdraw(list_id, APPROVED_BY, datetime.now(UTC))
        return clock_time.time()


def definitions(lines: int) -> tuple[Definition, Definition]:
    """Return the agentless and the progressive campaign."""
    window, caps = Window(OPENS, CLOSES, frozenset(range(7))), Caps(6, 2, 2)
    reminder = Definition(
        "Pengingat", CampaignKind.REMINDER, "reminder", "outbound_reminder", Pacing.AGENTLESS,
        window=window, caps=caps, retry=RETRY, ring_seconds=RING, most_lines=lines - len(AGENTS),
        control_share=0.05,
    )  # fmt: skip
    talks = Definition(
        "Belum lapor", CampaignKind.NON_FILER, "non_filer", "outbound_agent", Pacing.PROGRESSIVE,
        window=window, caps=caps, retry=RETRY, ring_seconds=RING, most_lines=len(AGENTS), priority=1,
        control_share=0.05,
    )  # fmt: skip
    return reminder, talks


def campaign_row(campaign_id: str, one: Definition, runs: Sequence[tuple[float, float]]) -> CampaignRow:
    """Return what laws know of a campaign."""
    caps = one.caps
    spacing = {code: rule.spacing.total_seconds() for code, rule in one.retry.items()}
    opens, closes = (t.hour * 3600.0 + t.minute * 60 for t in (one.window.opens, one.window.closes))
    limits = Limits(caps.life, caps.day, caps.rolling_24h)
    return CampaignRow(campaign_id, limits, opens, closes, one.most_lines, spacing, tuple(runs))


async def make(database: Database, vault: Vault, size: int, lines: int, day: int, seed: int) -> World:
    """Fill a database: `size` contacts; `day` (since 1970) becomes a working day."""
    office = DayOverride(date(1970, 1, 1) + timedelta(days=day), DayKind.WORKING, "ledger proof")
    await CalendarOverrides(database).put(office)
    campaigns = DurableCampaigns(database, lambda _: None)
    world = World(database, vault, campaigns, ("", ""), (), [], [], random.Random(seed))
    shares = (size * 8 // 10, size // 10, size // 10)
    first = 1
    made = []
    yesterday = date(1970, 1, 1) + timedelta(days=day - 1)
    for share, last_day in zip(shares, (_FAR_AWAY, _FAR_AWAY, yesterday), strict=True):
        made.append(_new_list(world, first, share, last_day))
        first += share
    world.lists = tuple(made)
    ids = []
    for definition in definitions(lines):
        draft = await campaigns.create(definition, LOADED_BY, datetime.now(UTC))
        ids.append(draft.campaign_id)
        for list_id in made:
            # Days ago, when the last list had not expired yet.
            then = datetime.now(UTC) - timedelta(days=3)
            await campaigns.add_list(draft.campaign_id, list_id, LOADED_BY, then)
    world.ids = (ids[0], ids[1])
    return world


def _new_list(world: World, first: int, many: int, last_day: date) -> str:
    list_id, rows = f"{world.dice.getrandbits(128):032x}", ListRows(world.vault)
    made, keys = [], []
    for place in range(many):
        contact = first + place
        numbers = tuple(f"62811{contact:07}{index}" for index in range(1, 2 + (contact % 5 == 0)))
        day, serial = divmod(contact, 9000)
        npwp = f"317101{day % 28 + 1:02}0290{serial + 1:04}"
        number_keys = tuple(world.key(NUMBER_KEY + one) for one in numbers)
        taxpayer = world.key(NPWP_KEY + npwp)
        zone = ZONES[contact % len(ZONES)]
        read = ReadRow(place + 1, npwp, "Contoh", numbers, zone, "", {"tahun": "2025"})
        kept = Kept(read, contact, taxpayer, numbers, number_keys)
        made.append(dict(zip(CONTACT_COLUMNS, rows.contact_row(list_id, kept), strict=True)))
        keys += [{"key": key, "contact_id": contact} for key in (taxpayer, *number_keys)]
        world.taxpayers.append(taxpayer)

    def keep(connection: sa.Connection) -> None:
        connection.execute(sa.insert(lists).values(**_list_row(list_id, many, last_day)))
        connection.execute(sa.insert(contacts), made)
        connection.execute(sa.insert(contact_keys), keys)

    world.database.write_now(keep)
    return list_id


def _list_row(list_id: str, accepted: int, last_day: date) -> dict[str, object]:
    now = datetime.now(UTC)
    texts = ("title", "requester", "unit", "order_number", "legal_basis", "source", "kind", "loader", "fault")
    numbers = ("rows_read", "rows_about", "rejected", "duplicate", "suppressed", "last_contact")
    return {
        **dict.fromkeys(texts, "x"), **dict.fromkeys(numbers, 0),
        "requester": Requester.DIRECTORATE_REGULAR.value, "kind": "", "list_id": list_id,
        "cut_off": date(2020, 1, 1), "expires_on": last_day, "sealed_file_name": b"",
        "loaded_by": LOADED_BY, "loaded_at": now, "state": ListState.APPROVED.value, "accepted": accepted,
        "reasons": "{}", "sheets": "[]", "approved_by": APPROVED_BY, "approved_at": now, "touched_at": now,
    }  # fmt: skip


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def write_tables(folder: Path) -> None:
    """Write the administrator's tables: agents of outbound work who write no notes."""
    folder.mkdir(parents=True, exist_ok=True)
    agents = [f"{one},Agen {n},bukti,id en" for n, one in enumerate(AGENTS)]
    competences = [f"{one},outbound,A,3," for one in AGENTS]
    for name, rows in (("agents", agents), ("competences", competences)):
        lines = [",".join(COLUMNS[name]), *rows]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rules = (DATA / "rules.csv").read_text(encoding="utf-8")
    told = [f"wrap_up_seconds,0{one[18:]}" if one.startswith("wrap_up_seconds,60") else one
            for one in rules.splitlines()]  # fmt: skip
    (folder / "rules.csv").write_text("\n".join(told) + "\n", encoding="utf-8")

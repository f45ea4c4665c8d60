"""A campaign, leads and records for tests of who may be dialled. Everybody in it is made up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from dialer.campaigns import Campaign, CampaignKind, CampaignState, Definition
from dialer.contacts import Contact, Key, Person
from dialer.gate import Gate, LeadPast, ListStanding
from dialer.kinds import load_caps
from dialer.leads import Lead, LeadState
from dialer.lists import ListState
from domain.directory import DirectoryUnavailable
from domain.zones import Zone

TEN = datetime(2026, 6, 3, 3, 0, tzinfo=UTC)  # a Wednesday, 10.00 WIB
LIST, CAMPAIGN_ID = "a" * 32, "b" * 32
DEFINITION = Definition("SPT Tahunan 2025", CampaignKind.NON_FILER, "non_filer", "outbound_agent")
CAMPAIGN = Campaign(CAMPAIGN_ID, DEFINITION, 1, CampaignState.RUNNING, (LIST,), "staff", TEN, TEN)
CUT_OFF = date(2026, 5, 1)


@dataclass
class Office:
    """An office that works from Monday to Friday, but not on these days."""

    off: set[date] = field(default_factory=set)

    def works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.off


def key(name: str) -> Key:
    return name.encode().rjust(16, b".")


def lead(lead_id: int = 1, zone: Zone = Zone.WIB, numbers: int = 2, **changes: object) -> Lead:
    contact = Contact(
        contact_id=lead_id,
        list_id=LIST,
        row=lead_id + 1,
        taxpayer_key=key(f"t{lead_id}"),
        number_keys=tuple(key(f"n{lead_id}.{index}") for index in range(numbers)),
        zone=zone,
        group="",
        person=Person(
            "3171015502900001", "Contoh", tuple(f"62811{lead_id:05}{index:03}" for index in range(numbers))
        ),
    )
    made = Lead(lead_id, CAMPAIGN_ID, contact, LeadState.READY, TEN, 0, 0)
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class Records:
    """What the gate asks, with every answer to be set. Counts its questions."""

    listed: dict[str, ListStanding] = field(
        default_factory=lambda: {LIST: ListStanding(ListState.APPROVED, CUT_OFF, date(2026, 12, 31))}
    )
    pasts: dict[int, LeadPast] = field(default_factory=dict)
    suppressed: dict[Key, str] = field(default_factory=dict)
    done: set[Key] = field(default_factory=set)
    directory: bool = True
    asked: list[str] = field(default_factory=list)

    async def lists(self, list_ids: Iterable[str]) -> Mapping[str, ListStanding]:
        self.asked.append("lists")
        return {one: self.listed[one] for one in list_ids if one in self.listed}

    async def past(self, leads: Sequence[Lead]) -> Mapping[int, LeadPast]:
        self.asked.append("past")
        return {one.lead_id: self.pasts[one.lead_id] for one in leads if one.lead_id in self.pasts}

    async def find(self, keys: Collection[Key]) -> Mapping[Key, str]:
        self.asked.append("suppressions")
        return {one: self.suppressed[one] for one in keys if one in self.suppressed}

    async def add(self, key: Key, why: str, by: str, at: datetime, call_id: str = "") -> None:
        self.suppressed[key] = why

    async def remove(self, key: Key, by: str, at: datetime) -> None:
        self.suppressed.pop(key, None)

    async def since(
        self, contacts: Sequence[Contact], kind: str, cut_off: date, period: str = ""
    ) -> frozenset[Key]:
        self.asked.append("directory")
        if not self.directory:
            raise DirectoryUnavailable
        return frozenset(one.taxpayer_key for one in contacts if one.taxpayer_key in self.done)


def gate(records: Records, office: Office | None = None) -> Gate:
    return Gate(records, records, records, load_caps(), office or Office())

"""A campaign, its lead and the rules of dispositions, for tests. Everybody in it is made up."""

from dataclasses import replace
from datetime import UTC, date, datetime

from dialer.campaigns import CampaignKind, Definition, Pacing
from dialer.contacts import Contact, Person
from dialer.desk_rules import load_desk_rules
from dialer.disposition_desk import DispositionDesk, Talked
from dialer.dispositions import load_dispositions
from dialer.leads import Lead, LeadState
from dialer.retry import load_retry
from domain.zones import Zone
from tests.web.page_parts import OWN

TEN = datetime(2026, 6, 3, 3, 0, tzinfo=UTC)  # a Wednesday, 10.00 WIB
CALL = "c" * 32
TAXPAYER_KEY, FIRST_KEY, SECOND_KEY = b"t" * 16, b"1" * 16, b"2" * 16
NPWP, NUMBERS = "3171015502900001", ("628110000111", "628110000222")
NAME = "Contoh Budi Santoso"
DEFINITION = Definition(
    title="SPT Tahunan 2025",
    kind=CampaignKind.NON_FILER,
    script="non_filer",
    flow="outbound_agent",
    pacing=Pacing.PREVIEW,
    fields=("jenis_spt", "tahun_pajak"),
    content="SPT Tahunan belum kami terima.",
)
LEAD = Lead(
    lead_id=7,
    campaign_id="d" * 32,
    contact=Contact(
        contact_id=70,
        list_id="e" * 32,
        row=2,
        taxpayer_key=TAXPAYER_KEY,
        number_keys=(FIRST_KEY, SECOND_KEY),
        zone=Zone.WITA,
        group="employee",
        person=Person(NPWP, NAME, NUMBERS, {"jenis_spt": "1770", "tahun_pajak": "2025", "rahasia": "tidak"}),
    ),
    state=LeadState.READY,
    due_at=TEN,
    attempts=1,
    number=0,
)
TALKED = Talked(CALL, CALL, DEFINITION, LEAD, OWN, "s" * 32)


class Weekdays:
    """An office that works from Monday to Friday."""

    def works(self, day: date) -> bool:
        return day.weekday() < 5


def disposition_desk() -> DispositionDesk:
    """Return the rules with the shipped tables."""
    return DispositionDesk(load_dispositions(), load_retry(), load_desk_rules(), Weekdays())


def of_kind(kind: CampaignKind) -> Talked:
    """Return the talk of a campaign of this kind."""
    return replace(TALKED, definition=replace(DEFINITION, kind=kind))

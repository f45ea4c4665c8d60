"""What a day was like: waits, service level, occupancy, right tiers, from a free agent to the INVITE."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.figures import percentile
from bench.swarm_day import Colleague, Day, after
from bench.swarm_people import Contact, Offer

PROMPT = 1.0  # seconds: one minute of a real day; calls answered within it count for the service level
_SURE = 0.02  # seconds by which a call must have waited before its agent was free


class Phone(Protocol):
    """What an agent's telephone tells of its day."""

    colleague: Colleague
    offers: list[Offer]
    busy_offers: int
    talked: float  # seconds


@dataclass(frozen=True, slots=True)
class Columns:
    """One arm's day. Waits of all who waited, also of those who gave up, in seconds."""

    calls: int
    served: int
    impatient: int  # gave up waiting
    lost: int  # ended in any other way than an agent's or a caller's wish
    one_way: int  # talks in which the agent did not hear the caller
    busy_offers: int
    service_level: float  # share of all calls answered within PROMPT
    mean_wait: float
    p95_wait: float
    worst_wait: float
    occupancy: float  # share of the agents' time spent in talks
    right_tier: float  # share of all calls that an agent of the required tier answered
    right_of_served: float  # the same of the served alone: it flatters whoever loses the hard ones
    free_to_invite: tuple[float, ...]  # milliseconds
    widened: tuple[float, ...]  # seconds from a wider ring's time to a ring of one whom it admits

    @property
    def rings_late(self) -> float:
        """Return by how many seconds wider rings are behind their time (the median); inf: none was used."""
        return percentile(self.widened, 0.5) if self.widened else float("inf")

    def offered_after(self, share: float) -> float:
        """Return a percentile of the time from a free agent to the INVITE, in milliseconds.

        Infinite when no agent came free while a call waited: then the day shows nothing.
        """
        return percentile(self.free_to_invite, share) if self.free_to_invite else float("inf")


def columns(day: Day, contacts: Sequence[Contact], phones: Sequence[Phone]) -> Columns:
    """Return a day's columns. Raises ValueError when nobody waited."""
    staff = {colleague.place: colleague for colleague in day.staff}
    waited = [contact for contact in contacts if contact.waits_since]
    served = [contact for contact in contacts if contact.served_at]
    waits = [contact.wait for contact in waited]
    right = sum(
        staff[contact.agent].skills.get(contact.visit.line.skill) == contact.visit.line.tier
        for contact in served
    )
    span = max((contact.ended_at for contact in contacts), default=0.0) - min(
        (contact.waits_since for contact in waited), default=0.0
    )
    return Columns(
        calls=len(contacts),
        served=sum(contact.how == "served" for contact in contacts),
        impatient=sum(contact.how == "impatient" for contact in contacts),
        lost=sum(contact.how == "lost" for contact in contacts),
        one_way=sum(not contact.heard for contact in served),
        busy_offers=sum(phone.busy_offers for phone in phones),
        service_level=sum(contact.wait <= PROMPT for contact in served) / max(1, len(contacts)),
        mean_wait=sum(waits) / max(1, len(waits)),
        p95_wait=percentile(waits, 0.95),
        worst_wait=max(waits),
        occupancy=sum(phone.talked for phone in phones) / (len(phones) * span),
        right_tier=right / max(1, len(contacts)),
        right_of_served=right / max(1, len(served)),
        free_to_invite=tuple(_free_to_invite(contacts, phones)),
        widened=tuple(_widened(contacts, phones)),
    )


def _free_to_invite(contacts: Sequence[Contact], phones: Sequence[Phone]) -> list[float]:
    """Return how long free agents waited for a call that waited, and might have been theirs, already."""
    by_place = {contact.visit.place: contact for contact in contacts}
    found = []
    for phone in phones:
        for offer in phone.offers:
            if offer.call < 0 or not offer.free_since:
                continue
            contact = by_place[offer.call]
            needs = after(phone.colleague, contact.visit.line)
            if needs is not None and contact.waits_since + needs < offer.free_since - _SURE:
                found.append((offer.at - offer.free_since) * 1000)
    return found


def _widened(contacts: Sequence[Contact], phones: Sequence[Phone]) -> list[float]:
    """Return how long after a wider ring's time each agent whom only it admits was rung."""
    by_place = {contact.visit.place: contact for contact in contacts}
    found = []
    for phone in phones:
        for offer in phone.offers:
            if offer.call < 0:
                continue
            contact = by_place[offer.call]
            if needs := after(phone.colleague, contact.visit.line):
                found.append(offer.at - contact.waits_since - needs)
    return found

"""A year of the centre, drawn: 635,152 inbound calls of which 415,560 are answered, 1.22 million dials.

Sizes are those that the press printed of 2019 to 2021; how they spread over days and hours, how long anything
takes and who does it is made up. The same seed gives the same year. Everything happens in the event log: the
figures are counted from it as from a real one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np

from bench.year_rows import DayRows, Numbers, ids_from
from bench.year_talks import Crew, Inbound, Outbound

INBOUND, ANSWERED = 635_152, 415_560
DIALS, REACHED = 1_220_000, 87_265
AGENTS = 500
_OUTBOUND_AGENTS = 120
_ASK_NOBODY = 0.07  # of inbound calls: served by the menus alone
_CAMPAIGNS = 24
QUEUES = (
    ("general", 14), ("efin", 24), ("token", 9), ("data_change", 7), ("kup_information", 16),
    ("kup_application", 12), ("pph_information", 9), ("ppn_information", 6), ("complaints", 3),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a year is drawn: everything is scaled alike."""

    first: date = date(2025, 1, 1)
    last: date = date(2025, 12, 31)
    inbound: int = INBOUND
    answered: int = ANSWERED
    dials: int = DIALS
    reached: int = REACHED
    agents: int = AGENTS

    def share(self, days: int) -> Size:
        """Return so many days from the first one on, with their share of everything."""
        last = self.first + timedelta(days=days - 1)
        part = len(working_days(self.first, last)) / len(working_days(self.first, self.last))
        inbound, answered, dials, reached = (
            round(one * part) for one in (self.inbound, self.answered, self.dials, self.reached)
        )
        return Size(self.first, last, inbound, answered, dials, reached, self.agents)


WHOLE = Size()


def working_days(first: date, last: date) -> list[date]:
    """Return the days from Monday to Friday that are no public holiday."""
    free = holidays.country_holidays("ID", years=range(first.year, last.year + 1))
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5 and day not in free]


def campaign_ids() -> list[str]:
    """Return the campaigns of the year."""
    return [f"{number:032x}" for number in range(1, _CAMPAIGNS + 1)]


def crew(agents: int) -> Crew:
    """Return the agents by staff number: who takes calls, who is called for outbound work."""
    numbers = [str(20_001 + place) for place in range(agents)]
    cut = max(1, round(agents * _OUTBOUND_AGENTS / AGENTS))
    return Crew(numbers[cut:], numbers[:cut])


def tables(agents: int) -> dict[str, str]:
    """Return the administrator's tables of these agents: 20 teams, tiers A, B and C."""
    people, skills = ["agent,on_air_name,team,languages"], ["agent,skill,tier,level,expires"]
    found = crew(agents)
    for place, number in enumerate([*found.outbound, *found.inbound]):
        people.append(f"{number},Petugas {number},tim_{place % 20 + 1:02d},id")
        skill = "outbound" if number in set(found.outbound) else "general"
        skills.append(f"{number},{skill},{'ABC'[place % 3]},3,")
    return {"agents": "\n".join(people) + "\n", "competences": "\n".join(skills) + "\n"}


def year(size: Size = WHOLE, seed: int = 1) -> Iterator[DayRows]:
    """Yield the rows of every working day, in order."""
    draw = random.Random(seed)
    days = working_days(size.first, size.last)
    weights = [_weight(day) for day in days]
    parts = [_split(amount, weights) for amount in (size.inbound, size.answered, size.dials, size.reached)]
    people, numbers, campaigns = crew(size.agents), Numbers(), campaign_ids()
    for place, day in enumerate(days):
        inbound, answered, dials, reached = (part[place] for part in parts)
        rows = DayRows(day, numbers, ids_from(seed, day))
        for_menus = min(round(inbound * _ASK_NOBODY), inbound - answered)
        calls = Inbound(rows, draw, people.inbound, QUEUES)
        calls.day(inbound - for_menus, answered, for_menus)
        Outbound(rows, draw, people.outbound, campaigns).day(dials, reached)
        rows.sign_out()
        yield rows


def _weight(day: date) -> float:
    """Return how busy a day is beside others: the deadlines of 31 March and 30 April, and Mondays."""
    busy = 1.15 if day.weekday() == 0 else 1.0
    if day.month == 3:
        busy *= 1.3 + 2.7 * (day.day / 31) ** 3
    elif day.month == 4:
        busy *= 1.0 + 1.0 * (day.day / 30) ** 3
    return busy


def _split(amount: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to the weights that add up to the amount."""
    shares = np.array(weights) / sum(weights) * amount
    borders = np.rint(np.concatenate([[0.0], np.cumsum(shares)])).astype(int)
    return [int(one) for one in np.diff(borders)]

"""What `kring doctor` looks at of hours and holidays: whether this year's and the next one's are loaded."""

from collections.abc import Iterator
from datetime import date

import holidays

from ivr.hours import OfficeHours
from service.checkup_limits import limits
from service.findings import good, note, warning, wrong
from web.checkup_port import Finding

_ESTIMATED = "estimated"  # the package's own mark of days that follow the moon
_DECEMBER = 12


def calendar(hours: OfficeHours, today: date) -> Iterator[Finding]:
    """Look at the years that matter. `hours` with the administrator's days in it."""
    years = [today.year, *([today.year + 1] if today.month >= limits().holidays_month else [])]
    for year in years:
        yield _holidays(year, hours)
        yield _ramadan(year, hours)
    opening = hours.timetable.hours[-1]
    opens, closes = (f"{clock:%H.%M}" for clock in (opening.opens, opening.closes))
    yield good("hours", "hours", opens=opens, closes=closes, since=opening.since)
    coming = [one for one in hours.overrides.values() if one.day >= today]
    yield good("days", "days", count=len(coming))


def _holidays(year: int, hours: OfficeHours) -> Finding:
    public = holidays.country_holidays("ID", categories=("public",), years=[year], language="en_US")
    joint = holidays.country_holidays("ID", categories=("government",), years=[year], language="en_US")
    if len(public) < limits().holidays_least:
        return wrong("holidays", "holidays_few", year=year, count=len(public), joint=len(joint))
    estimated = [day for day, name in public.items() if _ESTIMATED in name and day not in hours.overrides]
    if estimated:
        return warning(
            "holidays",
            "holidays_estimated",
            year=year,
            count=len(public),
            joint=len(joint),
            estimated=len(estimated),
        )
    make, code = (good, "holidays") if joint else (warning, "holidays_no_joint")
    return make("holidays", code, year=year, count=len(public), joint=len(joint))


def _ramadan(year: int, hours: OfficeHours) -> Finding:
    rows = [one for one in hours.timetable.ramadan if year in (one.first.year, one.last.year)]
    if not rows:
        return wrong("ramadan", "ramadan_none", year=year)
    told = [f"{one.first:%d.%m.%Y}–{one.last:%d.%m.%Y}" for one in rows]
    make, code = (note, "ramadan_computed") if any(one.assumed for one in rows) else (good, "ramadan")
    return make("ramadan", code, days=told)

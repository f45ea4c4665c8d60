"""What `kring doctor` looks at of hours and holidays: whether this year's and the next one's are loaded."""

from collections.abc import Iterator
from datetime import date

import holidays

from ivr.hours import OfficeHours
from service.checkup_limits import limits
from service.findings import Finding, note, warning

_ESTIMATED = "estimated"  # the package's own mark of days that follow the moon
_DECEMBER = 12


def calendar(hours: OfficeHours, today: date) -> Iterator[Finding]:
    """Look at the years that matter. `hours` with the administrator's days in it."""
    years = [today.year, *([today.year + 1] if today.month >= limits().holidays_month else [])]
    for year in years:
        yield _holidays(year, hours)
        yield _ramadan(year, hours)
    opening = hours.timetable.hours[-1]
    yield Finding("hours", f"{opening.opens:%H:%M} to {opening.closes:%H:%M} WIB since {opening.since}")
    coming = [one for one in hours.overrides.values() if one.day >= today]
    yield Finding("days", f"{len(coming)} days to come differ from the national calendar")


def _holidays(year: int, hours: OfficeHours) -> Finding:
    public = holidays.country_holidays("ID", categories=("public",), years=[year], language="en_US")
    joint = holidays.country_holidays("ID", categories=("government",), years=[year], language="en_US")
    told = f"{year}: {len(public)} holidays, {len(joint)} days of joint leave"
    if len(public) < limits().holidays_least:
        remedy = "upgrade the package `holidays`, or enter the days of the joint decree at /pengaturan/days"
        return Finding("holidays", told, remedy)
    estimated = [day for day, name in public.items() if _ESTIMATED in name and day not in hours.overrides]
    if estimated or not joint:
        unsure = f"{len(estimated)} of them estimated" if estimated else "no joint leave is known"
        remedy = "when the joint decree is out, upgrade `holidays` or enter its days at /pengaturan/days"
        return warning("holidays", f"{told}; {unsure}", remedy)
    return Finding("holidays", told)


def _ramadan(year: int, hours: OfficeHours) -> Finding:
    rows = [one for one in hours.timetable.ramadan if year in (one.first.year, one.last.year)]
    if not rows:
        remedy = "enter its first and last day at /pengaturan/ivr_hours"
        return Finding("ramadan", f"{year}: no row, so its shorter hours would not be kept", remedy)
    told = "; ".join(f"{one.first} to {one.last}" for one in rows)
    if any(one.assumed for one in rows):
        return note(
            "ramadan", f"{told} (computed)", "correct it at /pengaturan/ivr_hours when it is proclaimed"
        )
    return Finding("ramadan", told)

"""When a campaign will be done, if it goes on as it does today. Pure."""

from datetime import date, datetime, timedelta

from desk.working_days import WorkingCalendar
from dialer.campaigns import Window
from web.rendering import WIB

_LEAST = 20  # leads done today, below which nothing honest can be said
_LEAST_OPEN = 600.0  # seconds of today's hours that must have passed
_FARTHEST = 366  # days ahead


def forecast(
    ready: int, done_today: int, window: Window, calendar: WorkingCalendar, now: datetime
) -> date | None:
    """Return the day (WIB) on which the last lead is done; None: it cannot be told yet, or never.

    The rate is of today's hours so far; days off count nothing. Hours are those of WIB, for all zones.
    """
    local = now.astimezone(WIB)
    today = local.date()
    opens = datetime.combine(today, window.opens, WIB)
    closes = datetime.combine(today, window.closes, WIB)
    passed = (min(local, closes) - opens).total_seconds()
    if done_today < _LEAST or passed < _LEAST_OPEN:
        return None
    rate, whole = done_today / passed, (closes - opens).total_seconds()
    left = ready / rate - max((closes - max(local, opens)).total_seconds(), 0.0)
    day = today
    for _ in range(_FARTHEST):
        if left <= 0:
            return day
        day += timedelta(days=1)
        if day.weekday() in window.weekdays and calendar.works(day):
            left -= whole
    return None

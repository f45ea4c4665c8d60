"""Checks definitions of reports: what is wrong names the field and the reason, in words of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Collection

from reporting.asking import Dimension, Interval
from reporting.reports import Asked, Definition, Delivery, Every, Layout, Means, Schedule, Span

MOST_FIGURES = 12
MOST_GROUPINGS = 3
MOST_DELIVERIES = 10
MOST_DAYS = 3 * 366
MOST_DAYS_FINE = 31  # of intervals shorter than a day
_ACCOUNT = re.compile(r"[0-9a-f]{32}")
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NUMBER = re.compile(r"[0-9]{6}")  # a date may be, a staff number or telephone number must not
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_FINE = (Interval.QUARTER_HOUR, Interval.HALF_HOUR, Interval.HOUR)
_LAST_DAY = {Every.DAILY: 31, Every.WEEKLY: 7, Every.MONTHLY: 28}


class BadReport(Exception):
    """A definition that cannot be kept. `field`: of the form; `word`: the text report_problem.WORD."""

    def __init__(self, field: str, word: str) -> None:
        super().__init__(f"{field}: {word}")
        self.field = field
        self.word = word


def check(definition: Definition, known: Collection[str], domains: Collection[str] = ()) -> None:
    """Raise BadReport for the first thing that is wrong.

    `known`: the formulas and counts there are; `domains`: to which alone mail may go; empty: to any.
    """
    _check_names(definition)
    _check_asked(definition.asked, definition.layout)
    if definition.layout is Layout.TABLE:
        _check_figures(definition.figures, known)
    if definition.language not in ("id", "en"):
        raise BadReport("language", "language")
    if not definition.formats or len(set(definition.formats)) != len(definition.formats):
        raise BadReport("formats", "formats")
    if definition.schedule is not None:
        _check_schedule(definition.schedule, definition)
    _check_deliveries(definition.deliveries, {one.casefold() for one in domains})


def check_days(asked: Asked, days: int) -> None:
    """Raise BadReport if the question covers more days than its interval may."""
    most = MOST_DAYS_FINE if asked.interval in _FINE else MOST_DAYS
    if days < 1:
        raise BadReport("last", "days_turned")
    if days > most:
        raise BadReport("last", "days_fine" if most == MOST_DAYS_FINE else "days")


def _check_names(definition: Definition) -> None:
    if not 3 <= len(definition.code) <= 40 or _CODE.fullmatch(definition.code) is None:
        raise BadReport("code", "code")
    if _NUMBER.search(definition.code.replace("-", "")):
        raise BadReport("code", "code_number")
    if not 3 <= len(definition.title.strip()) <= 120 or not definition.title.isprintable():
        raise BadReport("title", "title")


def _check_asked(asked: Asked, layout: Layout) -> None:
    if len(set(asked.by)) != len(asked.by) or len(asked.by) > MOST_GROUPINGS:
        raise BadReport("by", "by")
    if any(not values for values in asked.only.values()):
        raise BadReport("only", "only")
    # Agents by the ids of their accounts: staff numbers are personal, and definitions are not sealed.
    if any(_ACCOUNT.fullmatch(one) is None for one in asked.only.get(Dimension.AGENT, ())):
        raise BadReport("only_agent", "only_agent")
    if layout is Layout.MONTHLY:
        if asked.span not in (Span.LAST_MONTH, Span.THIS_MONTH):
            raise BadReport("span", "monthly_span")
        return
    if asked.span is not Span.FIXED:
        fine_year = asked.interval in _FINE and asked.span is Span.LAST_YEAR
        if fine_year:
            raise BadReport("interval", "days_fine")
        return
    if asked.first is None or asked.last is None:
        raise BadReport("first", "days_missing")
    check_days(asked, (asked.last - asked.first).days + 1)


def _check_figures(figures: tuple[str, ...], known: Collection[str]) -> None:
    if not figures or len(figures) > MOST_FIGURES or len(set(figures)) != len(figures):
        raise BadReport("figures", "figures")
    if not set(figures) <= set(known):
        raise BadReport("figures", "figures_unknown")


def _check_schedule(schedule: Schedule, definition: Definition) -> None:
    if not 0 <= schedule.minute < 24 * 60:
        raise BadReport("at", "at")
    if not 1 <= schedule.day <= _LAST_DAY[schedule.every]:
        raise BadReport("day", "weekday" if schedule.every is Every.WEEKLY else "monthday")
    if definition.asked.span is Span.FIXED:
        raise BadReport("every", "fixed_schedule")


def _check_deliveries(deliveries: tuple[Delivery, ...], domains: Collection[str]) -> None:
    if len(deliveries) > MOST_DELIVERIES:
        raise BadReport("mail_to", "deliveries")
    seen = set()
    for one in deliveries:
        field = "mail_to" if one.means is Means.MAIL else "folder"
        if (one.means, one.to.casefold()) in seen:
            raise BadReport(field, "delivery_twice")
        seen.add((one.means, one.to.casefold()))
        if one.means is Means.MAIL:
            if _ADDRESS.fullmatch(one.to) is None:
                raise BadReport(field, "mail_address")
            if domains and one.to.rpartition("@")[2].casefold() not in domains:
                raise BadReport(field, "mail_domain")
        elif one.to and (_CODE.fullmatch(one.to) is None or len(one.to) > 40 or _NUMBER.search(one.to)):
            raise BadReport(field, "folder")

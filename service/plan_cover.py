"""A plan beside the schedule, as `kring plan cover` tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from reporting.planning.beside import Covered
from reporting.planning.cover import CoverDay, CoverSlot
from service.aligned import aligned
from web.plan_views import clock
from web.texts import Texts

_DAY_HEADS = ("Day", "Agents", "Required h", "Rostered h", "Short h", "Over h", "Short of calls h", "Level %")
_SLOT_HEADS = ("Time", "Calls", "Needed", "Required", "Rostered", "Difference", "", "Level %", "Abandoned %")


def as_lines(found: Covered) -> Iterator[str]:
    """Yield the days, the intervals if it is one day, and what is not known."""
    yield from aligned(_DAY_HEADS, [_day(one) for one in found.days], frozenset(range(1, 8)))
    if len(found.days) == 1:
        yield ""
        cells = [_slot(one) for one in found.days[0].slots]
        team = any(one.of_team is not None for one in found.days[0].slots)
        heads = (*_SLOT_HEADS, *(("Of the team",) if team else ()))
        yield from aligned(heads, cells, frozenset({1, 2, 3, 4, 5, 7, 8, 9}))
    texts = Texts.load()
    for word in found.notes:
        yield f"- {texts.say('en', f'plans_cover_note.{word}')}"


def as_json(found: Covered) -> str:
    """Return the same for programs."""
    days = [
        {
            "day": one.day,
            "shifts": one.shifts,
            "required_hours": one.required,
            "rostered_hours": one.rostered,
            "short_hours": one.short,
            "over_hours": one.over,
            "short_of_calls_hours": one.short_of_calls,
            "level": one.level,
            "slots": [
                {**msgspec.to_builtins(slot), "difference": slot.difference, "word": slot.word}
                for slot in one.slots
            ],
        }
        for one in found.days
    ]
    return msgspec.json.encode({"days": days, "notes": found.notes}).decode()


def _day(one: CoverDay) -> Sequence[str]:
    hours = (one.required, one.rostered, one.short, one.over, one.short_of_calls)
    told = [f"{value:.1f}" for value in hours]
    return (f"{one.day:%a %Y-%m-%d}", f"{one.shifts}", *told, f"{100 * one.level:.1f}")


def _slot(one: CoverSlot) -> Sequence[str]:
    team = () if one.of_team is None else (f"{one.of_team:.1f}",)
    return (
        clock(one.minute),
        f"{one.calls:.1f}",
        f"{one.needed}",
        f"{one.required}",
        f"{one.rostered:.1f}",
        f"{one.difference:+.1f}",
        one.word,
        f"{100 * one.level:.1f}",
        f"{100 * one.abandoned:.1f}",
        *team,
    )

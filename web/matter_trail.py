"""The trail of a matter in words: what was done, by whom, and on whose behalf."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from desk.complaint_referrals import ANSWERED, ITSELF
from desk.matters import MatterEvent
from desk.matters_statistics import asked_name, unit_of
from desk.matters_work import SYSTEM
from desk.working_days import WIB
from web.matter_models import TrailView
from web.matter_port import MatterDoor

if TYPE_CHECKING:
    from web.matter_views import MatterWords

# In which order the words of a step are read; those not named come first.
_SAID = ("to", "why", "load", "among", "from_unit", "to_unit", "due_on", "disposition", "due_at")


class TrailWords:
    """The steps of trails in the words of whoever asks. `names`: staff_id → name."""

    def __init__(self, door: MatterDoor, words: MatterWords, names: Mapping[str, str]) -> None:
        self._door, self._words, self._names = door, words, names

    def step(self, event: MatterEvent) -> TrailView:
        """Return a step."""
        words = self._words
        if event.what == ANSWERED and ITSELF not in event.words:
            unit = words.unit(event.words["to_unit"], event.words.get("unit_name", ""))
            said = [words.say("matters.recorded_for", unit=unit)]
        else:
            given = dict(event.words)
            if event.what == ANSWERED:
                given = {ITSELF: given[ITSELF]}
            if "unit_name" in given:  # said with the unit
                given["to_unit"] = asked_name(given["to_unit"], given.pop("unit_name"))
            ranked = sorted(given.items(), key=lambda one: _rank(one[0]))
            said = [self._word(name, word) for name, word in ranked]
        return TrailView(
            number=event.number,
            at=event.at,
            who=words.say("matters.system") if event.who == SYSTEM else self._names.get(event.who, ""),
            what=event.what,
            words=words.say(self._did(event.what)),
            step=words.word(event.state),
            detail=" · ".join(word for word in said if word),
            note=event.note,
        )

    def _did(self, what: str) -> str:
        """Return the text of what was done; the buttons that do it have others."""
        name = f"matters_did.{what}"
        return name if name in self._words.texts else f"matters_event.{what}"

    def _word(self, name: str, word: str) -> str:
        """Return what stands in a trail, in words; empty: it is for programs."""
        say = self._words.say
        match name:
            case "answers":
                return ""
            case "due_at":
                at = f"{datetime.fromisoformat(word).astimezone(WIB):%d.%m.%Y %H.%M} WIB"
                return say("matters.again_at", at=at)
            case "due_on":
                return f"{say('matters.due')} {date.fromisoformat(word):%d.%m.%Y}"
            case "why":
                return say(f"matters_why.{word}")
            case "load" | "among":
                return say(f"matters.{name}_was", count=word)
            case "disposition":
                return self._came_of_it(word)
        return self._named(name, word)

    def _named(self, name: str, word: str) -> str:
        """Return the name of a person, unit, field or result; another word as it is."""
        words = self._words
        match name:
            case "to":
                return self._names.get(word, words.say("matters.somebody"))
            case "result":
                return words.word(word)
            case "ended":
                return words.say("matters.ended_before", result=words.word(word))
            case "fields" | "accepted":
                return ", ".join(words.label(one) for one in word.split())
            case "from_unit" | "to_unit":
                return f"{words.say(f'matters.{name}')} {words.unit(*unit_of(word))}"
            case "by_unit":
                return words.say("matters.unit_itself", unit=words.unit(*unit_of(word)))
            case "for_unit":
                return words.say("matters.recorded_for", unit=words.unit(word))
        return word

    def _came_of_it(self, code: str) -> str:
        """Return what came of a call of the dialer's, or why nobody is called."""
        words = self._words
        row = self._door.port.office.dispositions.at(words.now).dispositions.get(code)
        if row is not None:
            return row.words(words.language)
        for name in (f"outbound_outcome.{code}", f"outbound_why.{code}"):
            if name in words.texts:
                return words.say(name).rstrip(".")
        return ""


def _rank(name: str) -> int:
    return _SAID.index(name) if name in _SAID else -1

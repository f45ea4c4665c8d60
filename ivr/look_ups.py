"""The questions that flows may ask, answered. Their names and answers are declared in call_flows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from domain.calls import Call
from domain.clock import Clock
from domain.directory import DirectoryUnavailable, TaxpayerDirectory
from domain.npwp import check_npwp
from ivr.hours import OfficeHours

# A caller hears nothing while the register is asked; longer than this feels like a dead line.
TAXPAYER_DEADLINE = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One of a look-up's declared words, with the facts that come with it (personal)."""

    word: str
    facts: Mapping[str, str] = field(default_factory=dict)


Now = Callable[[Mapping[str, str]], Answer]
Later = Callable[[Mapping[str, str]], Awaitable[Answer]]
OfCall = Callable[[Call, Mapping[str, str]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class LookUps:
    """Every look-up by name: those answered at once, and those that must ask somebody.

    `of_call` are asked about the call itself, and told which it is.
    """

    at_once: Mapping[str, Now]
    asking: Mapping[str, Later]
    of_call: Mapping[str, OfCall] = field(default_factory=dict)


UNAVAILABLE = Answer("unavailable")
UNKNOWN = Answer("unknown")
NOBODY = Answer("nobody")

# What flows are told of calls of ours where their record is not there, or does not answer in time.
WITHOUT_RECORD: Mapping[str, Answer] = MappingProxyType(
    {
        "called_about": UNKNOWN,
        "owner": UNAVAILABLE,
        "duty": UNAVAILABLE,
        "stop_calls": UNAVAILABLE,
        "stop_all_calls": UNAVAILABLE,
        "verification_code": UNAVAILABLE,
        "verification_number": UNAVAILABLE,
        "recognised_call": NOBODY,
    }
)


class FindTaxpayer:
    """The look-up `taxpayer`: whether the register knows the NPWP that was keyed in."""

    def __init__(self, directory: TaxpayerDirectory, deadline: float = TAXPAYER_DEADLINE) -> None:
        self._directory = directory
        self._deadline = deadline

    async def __call__(self, arguments: Mapping[str, str]) -> Answer:
        """Answer found (with `taxpayer_id`), not_found or unavailable.

        A 15-digit number stands for more than one 16-digit form; each is asked in turn.
        """
        try:
            async with asyncio.timeout(self._deadline):
                for candidate in check_npwp(arguments["npwp"]).candidates:
                    taxpayer = await self._directory.find(candidate)
                    if taxpayer is not None:
                        return Answer("found", {"taxpayer_id": taxpayer.taxpayer_id})
        except (DirectoryUnavailable, TimeoutError):
            return Answer("unavailable")
        return Answer("not_found")


class LineHours:
    """The look-ups `office_hours` and `part_of_day`, from the hours and the switch in force.

    Whoever learns of a change (an override, the administrator's switch) assigns it.
    """

    def __init__(self, hours: OfficeHours, clock: Clock) -> None:
        self.hours = hours
        self.shut = False
        self._clock = clock

    def office_hours(self, _arguments: Mapping[str, str]) -> Answer:
        """Answer whether the line is open now, with the hours that prompts speak."""
        line = self.hours.at(self._clock.now(), shut=self.shut)
        return Answer(line.word, line.facts)

    def part_of_day(self, _arguments: Mapping[str, str]) -> Answer:
        """Answer by which words callers are greeted now."""
        return Answer(self.hours.part_of_day(self._clock.now()))


def look_ups(
    line: LineHours,
    directory: TaxpayerDirectory,
    campaigns: Mapping[str, OfCall] | None = None,
    announcement: Now = lambda _: Answer("none"),
) -> LookUps:
    """Return every look-up that flows may ask.

    `campaigns`: those about calls of ours (`ivr.campaign_look_ups`); None: this service calls nobody.
    `announcement`: what is switched on (`ivr.announcements.Announcing.announcement`).
    """
    at_once: dict[str, Now] = {
        "office_hours": line.office_hours,
        "part_of_day": line.part_of_day,
        "announcement": announcement,
    }
    if campaigns is None:
        at_once.update({name: partial(_same, answer) for name, answer in WITHOUT_RECORD.items()})
    return LookUps(at_once, {"taxpayer": FindTaxpayer(directory)}, campaigns or {})


def _same(answer: Answer, _arguments: Mapping[str, str]) -> Answer:
    return answer

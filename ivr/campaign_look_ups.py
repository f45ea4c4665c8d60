"""What flows ask about calls of ours, answered: to people we called, and to those who ring back about it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from call_flows.called import CAMPAIGN_QUEUE
from desk.matter_data import check_order, in_force, read_table
from desk.tax_dates import TaxCalendar
from desk.working_days import WorkingCalendar, office_day
from domain.calls import Call
from domain.campaign_calls import CampaignCalls, CampaignCallsUnavailable, CodedCall, Matter
from domain.clock import Clock
from domain.directory import DirectoryUnavailable, TaxpayerDirectory
from domain.npwp import LENGTH, check_npwp
from ivr.duties import duty_of
from ivr.hours_tables import DATA
from ivr.look_ups import NOBODY, UNAVAILABLE, UNKNOWN, WITHOUT_RECORD, Answer, OfCall
from ivr.outbound import PROVEN

# Silence on the line: who is asked for longer than this believes that it went dead.
DEADLINE = 2.0

_LAST = 4


class RememberedFor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long calls of ours are remembered for those who ring back (a row of campaign_calls.yaml)."""

    since: date
    code_days: int
    recognised_days: int
    assumed: bool = False


class Remembered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[RememberedFor, ...]


def load_remembered(folder: Path = DATA) -> Sequence[RememberedFor]:
    """Read `campaign_calls.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "campaign_calls.yaml"
    found = read_table(path, Remembered).versions
    check_order(path, found)
    return found


class CampaignLookUps:
    """The look-ups about calls of ours. Where the record does not answer in time, nothing is promised."""

    def __init__(
        self,
        calls: CampaignCalls,
        directory: TaxpayerDirectory,
        tax: TaxCalendar,
        calendar: WorkingCalendar,
        remembered: Sequence[RememberedFor],
        clock: Clock,
        deadline: float = DEADLINE,
    ) -> None:
        """`remembered`: at least one, in order of time. `deadline`: seconds for one answer."""
        self._calls = calls
        self._directory = directory
        self._tax = tax
        self._calendar = calendar
        self._remembered = remembered
        self._clock = clock
        self._deadline = deadline

    def by_name(self) -> Mapping[str, OfCall]:
        """Return every look-up of this class under its declared name."""
        asked: Mapping[str, OfCall] = {
            "called_about": self.called_about,
            "owner": self.owner,
            "duty": self.duty,
            "stop_calls": self.stop_calls,
            "stop_all_calls": self.stop_all_calls,
            "verification_code": self.verification_code,
            "verification_number": self.verification_number,
            "recognised_call": self.recognised_call,
        }
        return {name: self._within(look_up, WITHOUT_RECORD[name]) for name, look_up in asked.items()}

    def _within(self, look_up: OfCall, otherwise: Answer) -> OfCall:
        async def answer(call: Call, arguments: Mapping[str, str]) -> Answer:
            try:
                async with asyncio.timeout(self._deadline):
                    return await look_up(call, arguments)
            except (CampaignCallsUnavailable, DirectoryUnavailable, TimeoutError):
                return otherwise

        return answer

    # ---- Of a call that we placed

    async def called_about(self, call: Call, _arguments: Mapping[str, str]) -> Answer:
        """Answer what the call is about; unknown also where an agent would say it."""
        placed = await self._calls.placed(call.call_id)
        return UNKNOWN if placed is None or placed.matter is Matter.OTHER else Answer(placed.matter.value)

    async def owner(self, call: Call, arguments: Mapping[str, str]) -> Answer:
        """Answer whether the keyed NPWP is the called taxpayer's; a person's old one leads to the new one."""
        for candidate in check_npwp(arguments["npwp"]).candidates:
            number = candidate
            if len(candidate) != LENGTH:
                taxpayer = await self._directory.find(candidate)
                number = taxpayer.npwp if taxpayer is not None else ""
            if number and await self._calls.is_owner(call.call_id, number):
                return Answer("owner", {PROVEN: "yes"})
        return Answer("other")

    async def duty(self, call: Call, _arguments: Mapping[str, str]) -> Answer:
        """Answer what the taxpayer has yet to file or pay."""
        placed = await self._calls.placed(call.call_id)
        if placed is None:
            return UNAVAILABLE
        found = duty_of(placed, self._tax, self._calendar, office_day(self._clock.now()))
        return UNAVAILABLE if found is None else Answer(*found)

    async def stop_calls(self, call: Call, _arguments: Mapping[str, str]) -> Answer:
        """Suppress the number that we called."""
        return await self._stop(call, taxpayer=False)

    async def stop_all_calls(self, call: Call, _arguments: Mapping[str, str]) -> Answer:
        """Suppress the number and the taxpayer."""
        return await self._stop(call, taxpayer=True)

    async def _stop(self, call: Call, *, taxpayer: bool) -> Answer:
        done = await self._calls.stop_calls(call.call_id, self._clock.now(), taxpayer=taxpayer)
        return Answer("stopped") if done else UNAVAILABLE

    # ---- Of somebody who rings us

    async def verification_code(self, call: Call, arguments: Mapping[str, str]) -> Answer:
        """Answer whether a call with this code was ours.

        A code alone proves nothing to its bearer: whoever was called once could pass theirs on to a
        victim. So it counts only together with the number that was called.
        """
        found = await self._with_code(arguments["code"])
        to_caller = [coded for coded in found if call.caller and coded.number == call.caller]
        if to_caller:
            return _genuine(to_caller[0])
        return Answer("other_number") if found else UNKNOWN

    async def verification_number(self, _call: Call, arguments: Mapping[str, str]) -> Answer:
        """Answer the same by the last four digits of the number that was called."""
        last = arguments["called_last4"]
        found = [c for c in await self._with_code(arguments["code"]) if c.number[-_LAST:] == last]
        return _genuine(found[0]) if found else UNKNOWN

    async def recognised_call(self, call: Call, _arguments: Mapping[str, str]) -> Answer:
        """Answer whether the caller's number was called in vain lately."""
        if call.caller is None:
            return NOBODY
        vain = await self._calls.in_vain(call.caller, self._since(lambda rule: rule.recognised_days))
        if vain is None:
            return NOBODY
        return Answer("recognised", {CAMPAIGN_QUEUE: vain.queue, "attempt_id": vain.call_id})

    async def _with_code(self, code: str) -> Sequence[CodedCall]:
        return await self._calls.with_code(code, self._since(lambda rule: rule.code_days))

    def _since(self, days: Callable[[RememberedFor], int]) -> datetime:
        now = self._clock.now()
        return now - timedelta(days=days(in_force(self._remembered, office_day(now))))


def _genuine(coded: CodedCall) -> Answer:
    return Answer("genuine", {"called_on": office_day(coded.at).isoformat()})

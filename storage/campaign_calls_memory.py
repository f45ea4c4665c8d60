"""The record of our calls in memory, for tests and for trials; under the same tests as the real one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.campaign_calls import CampaignCallsUnavailable, CodedCall, PlacedCall, VainCall


@dataclass(frozen=True, slots=True)
class RememberedCall:
    """One call of ours, with all that flows may ask of it."""

    placed: PlacedCall
    npwp: str = field(repr=False)  # 16 digits, of the taxpayer
    number: str = field(repr=False)  # E.164 digits without plus
    code: str
    at: datetime  # aware, UTC
    queue: str = "outbound/A"
    in_vain: bool = False  # it did not reach the person
    agents_left: bool = True  # its campaign can still be reached


class MemoryCampaignCalls:
    """A `domain.campaign_calls.CampaignCalls` in memory. While `broken` is set, every method is refused."""

    def __init__(self, *calls: RememberedCall) -> None:
        self.broken = False
        self.stopped: set[str] = set()  # numbers, and NPWP of taxpayers, that are not called any more
        self._calls = {call.placed.call_id: call for call in calls}

    async def placed(self, call_id: str) -> PlacedCall | None:
        """Return a call that we placed, or None."""
        call = self._find(call_id)
        return call.placed if call else None

    async def is_owner(self, call_id: str, npwp: str) -> bool:
        """Whether a call was placed to the taxpayer with this NPWP (16 digits)."""
        call = self._find(call_id)
        return call is not None and call.npwp == npwp

    async def stop_calls(self, call_id: str, at: datetime, *, taxpayer: bool) -> bool:
        """Never call this number again, and with `taxpayer` nor any other of theirs."""
        call = self._find(call_id)
        if call is None:
            return False
        self.stopped.add(call.number)
        if taxpayer:
            self.stopped.add(call.npwp)
        return True

    async def with_code(self, code: str, since: datetime) -> Sequence[CodedCall]:
        """Return the calls since a time that carry a verification code, newest first."""
        found = [call for call in self._newest_first() if call.code == code and call.at >= since]
        return [CodedCall(call.placed.call_id, call.number, call.at) for call in found]

    async def in_vain(self, number: str, since: datetime) -> VainCall | None:
        """Return the newest call to a number since a time, if it did not reach the person."""
        found = [call for call in self._newest_first() if call.number == number and call.at >= since]
        if not found or not found[0].in_vain or not found[0].agents_left:
            return None
        return VainCall(found[0].placed.call_id, found[0].queue, found[0].at)

    def _newest_first(self) -> list[RememberedCall]:
        self._check()
        return sorted(self._calls.values(), key=lambda call: call.at, reverse=True)

    def _find(self, call_id: str) -> RememberedCall | None:
        self._check()
        return self._calls.get(call_id)

    def _check(self) -> None:
        if self.broken:
            raise CampaignCallsUnavailable

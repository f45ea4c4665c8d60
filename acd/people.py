"""Agents and supervisors as the floor knows them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from acd.outbound import Talents
from acd.states import DECLARED, OBSERVED
from acd.talk import Leg
from acd.wrap_up import WrapUp


@dataclass(slots=True)
class Person:
    """Someone with a staff number and phones. Times on the floor's axis."""

    number: str
    declared: str = DECLARED.start
    observed: str = OBSERVED.start
    reason: str = ""  # of a pause
    account: str = ""  # the phone they are signed in with
    by: str = "system"  # who declared the state
    since: float = -math.inf  # when the state began
    shown: tuple[str, str, str, str] = ("", "", "", "")  # the state on record
    phones: dict[str, None] = field(default_factory=dict)  # accounts that can be reached
    legs: dict[str, None] = field(default_factory=dict)  # of theirs that ring or live, in order
    own: dict[str, None] = field(default_factory=dict)  # legs of calls that they made themselves
    offer: int = 0  # the matcher's offer that rings or was claimed
    offer_leg: str = ""
    wrap_up: WrapUp | None = None
    note: Leg | None = None  # the leg whose call the wrap-up is about
    talents: Talents = Talents()  # noqa: RUF009 - immutable
    lent: str = ""  # the outbound queue that inbound lends them to
    kept: str = ""  # the call that is being placed for them, and the only one they can take
    kept_until: float = -math.inf
    asked_for: bool = False  # some call was for them alone
    paused_at: float = -math.inf  # when the pause of this reason began
    told_over: bool = False  # that the pause is over its limit

    @property
    def state(self) -> tuple[str, str, str, str]:
        """What a row on record says."""
        return self.declared, self.observed, self.reason, self.account

    @property
    def on_record(self) -> tuple[str, str, str]:
        """Return what was declared, as it is on record."""
        return self.shown[0], self.shown[2], self.shown[3]

    def phone(self) -> str:
        """Return the account to ring: the one they signed in with, else any; "" if none is reachable."""
        if self.account:
            return self.account if self.account in self.phones else ""
        return next(iter(self.phones), "")

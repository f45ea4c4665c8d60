"""What the routes of scripts and of spelling need from the rest of the service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from desk.branches import Branches
from desk.history import PastNotes
from desk.notes import CallFactsReader
from desk.script import Script, Ticks
from desk.spelling import Spelling

INBOUND = "inbound"  # the script of calls that come in


class TaxpayerNames(Protocol):
    """Tells the registered name of a taxpayer."""

    async def name_of(self, taxpayer_id: str) -> str | None:
        """Return the name; None: unknown, or the register does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class CallPurpose:
    """Why a call is made: which script it has, and what fills that script's blanks."""

    script: str = INBOUND
    earlier_at: datetime | None = None  # of the call that is followed up
    earlier_branch: str = ""
    earlier_category: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)  # of the campaign or its contact
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # blank → language → text
    about: str = ""  # whose fields they are, as the trail names it, e.g. "lead:7"; empty: nobody's
    needs_poro: bool = True  # False: the campaign's content opens once who speaks is confirmed


class CallPurposes(Protocol):
    """Tells why calls are made."""

    async def purpose(self, call_id: str) -> CallPurpose:
        """Return why a call is made. Whatever it does not know is a call that came in."""
        ...


class InboundOnly:
    """Purposes where nothing is known but calls that came in."""

    async def purpose(self, call_id: str) -> CallPurpose:
        """Return that the call came in."""
        del call_id
        return CallPurpose()


@dataclass(frozen=True, slots=True)
class ScriptPort:
    """Given to `add_script_routes`."""

    scripts: Mapping[str, Script]
    ticks: Ticks
    calls: CallFactsReader
    branches: Branches  # names what an earlier call was about
    spelling: Spelling
    part_of_day: Callable[[datetime], str]  # morning, noon or afternoon, as callers are greeted
    names: TaxpayerNames | None = None  # None: no name is filled in
    purposes: CallPurposes = field(default_factory=InboundOnly)
    past: PastNotes | None = None  # None: nothing of earlier calls is filled in

"""What the agent's page needs beside the floor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acd.skills import Skillbook
from domain.accounts import AccountKind
from reporting.own_day import OwnDays

SessionEnds = Callable[[Callable[[str, Any], None]], None]
"""Takes what is to be called with the id of a session that ended, and why."""


@dataclass(frozen=True, slots=True)
class DeskPort:
    """Given to `web.desk_routes.add_desk_routes`."""

    book: Callable[[], Skillbook]  # the administrator's tables in force
    kind_of: Callable[[str], AccountKind | None]  # of a SIP account in force; None: it is in force no more
    work: OwnDays
    on_session_end: SessionEnds | None = None  # asks to be told of sessions that end: their pages are told
    outbound: bool = False  # whether there is outbound work (`web.outbound_routes`)

"""Staff: who works here, in which roles, and how far each role reaches."""

from dataclasses import dataclass
from enum import StrEnum


class StaffRole(StrEnum):
    """What somebody is here for. One person may have several roles."""

    AGENT = "agent"
    TEAM_LEADER = "team_leader"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    CAMPAIGN_MANAGER = "campaign_manager"
    PLANNER = "planner"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Reach(StrEnum):
    """Whose work a permission covers."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff. Names and staff numbers are personal."""

    staff_id: str  # 32 hex digits, random: the only name of a person in records and addresses
    user_name: str  # to sign in with
    display_name: str
    roles: frozenset[StaffRole]
    number: str = ""  # staff number on the floor (`acd`); empty for who never takes a call
    team: str = ""
    language: str = "id"  # of the pages
    disabled: bool = False

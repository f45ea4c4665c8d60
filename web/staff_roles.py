"""What each role may do, by subject, as the page `/petugas/peran` shows it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.staff import Reach, Staff, StaffRole
from web.permissions import Permission, reach_of

_P = Permission

# Texts: `permission_group.…` and `permission.…`. PUBLIC and SIGNED_IN are everybody's and not listed.
GROUPS: Mapping[str, Sequence[Permission]] = {
    "service": (
        _P.DESK_USE, _P.CALL_VIEW, _P.CALL_PROVE, _P.NOTE_WRITE, _P.NOTE_SEARCH, _P.MATTER_OPEN,
        _P.MATTER_WORK, _P.MATTER_STEER, _P.MATTER_UNIT,
    ),
    "floor": (
        _P.FLOOR_VIEW, _P.FLOOR_SUPERVISE, _P.LINE_SWITCH, _P.ANNOUNCEMENT_SWITCH, _P.ANNOUNCEMENT_EDIT,
        _P.WALL_SET, _P.STATUS_VIEW, _P.PHONES_MANAGE,
    ),
    "schedule": (
        _P.SCHEDULE_VIEW, _P.SCHEDULE_MANAGE, _P.OFFLINE_REQUEST, _P.OFFLINE_DECIDE, _P.PLAN_WORK,
    ),
    "figures": (_P.FIGURES_VIEW, _P.FIGURES_IMPORT, _P.REPORT_VIEW, _P.REPORT_MANAGE),
    "outbound": (
        _P.CAMPAIGN_WORK, _P.CAMPAIGN_VIEW, _P.CAMPAIGN_MANAGE, _P.CAMPAIGN_RUN, _P.CAMPAIGN_RESULTS,
        _P.LIST_LOAD, _P.LIST_APPROVE,
    ),
    "recording": (
        _P.RECORDING_FIND, _P.RECORDING_LISTEN, _P.RECORDING_DOWNLOAD, _P.RECORDING_CONTROL,
        _P.RECORDING_WATCH, _P.RECORDING_HOLD,
    ),
    "quality": (
        _P.REVIEW_WORK, _P.REVIEW_PLAN, _P.SCORE_VIEW, _P.SCORE_SIGN, _P.APPEAL_FILE, _P.APPEAL_APPROVE,
        _P.APPEAL_DECIDE, _P.COACHING_WORK,
    ),
    "office": (
        _P.PERSON_FILE, _P.STAFF_VIEW, _P.STAFF_MANAGE, _P.CONFIG_VIEW, _P.CONFIG_MANAGE, _P.AUDIT_READ,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowed:
    """A permission with how far it reaches for each role; None: not at all."""

    permission: Permission
    reach: Mapping[StaffRole, Reach | None]


def allowed() -> Mapping[str, Sequence[Allowed]]:
    """Return what every role may do, by subject."""
    return {
        group: [
            Allowed(one, {role: reach_of(frozenset({role}), one) for role in StaffRole})
            for one in permissions
        ]
        for group, permissions in GROUPS.items()
    }


def holders(everybody: Sequence[Staff]) -> Mapping[StaffRole, int]:
    """Return how many people who may sign in have each role."""
    return Counter(role for one in everybody if not one.disabled for role in one.roles)

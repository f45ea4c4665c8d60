"""What may be done, and which role may do it: one table. What is not in it is denied."""

from collections.abc import Mapping
from enum import StrEnum

from domain.staff import Reach, StaffRole


class Permission(StrEnum):
    """Something that a route needs."""

    PUBLIC = "public"  # before signing in
    SIGNED_IN = "signed_in"  # one's own account: password, sessions, language
    DESK_USE = "desk_use"  # the agent's page: state, phone, own figures
    CALL_VIEW = "call_view"  # a call's card, menu path and script
    CALL_PROVE = "call_prove"  # check items of ownership, climb the ladder
    NOTE_WRITE = "note_write"
    NOTE_SEARCH = "note_search"
    MATTER_OPEN = "matter_open"  # open a case, complaint, promise or request
    MATTER_WORK = "matter_work"  # see and work on cases, complaints and requests
    FLOOR_VIEW = "floor_view"
    FLOOR_SUPERVISE = "floor_supervise"  # listen, whisper, barge, force
    LINE_SWITCH = "line_switch"  # close and open the line
    STATUS_VIEW = "status_view"
    PHONES_MANAGE = "phones_manage"  # SIP accounts
    STAFF_VIEW = "staff_view"  # who may sign in, in which roles, what became of each account
    STAFF_MANAGE = "staff_manage"  # make, change, shut out, undo
    AUDIT_READ = "audit_read"
    CAMPAIGN_WORK = "campaign_work"  # an agent's outbound work: contact, dial or skip, disposition
    CAMPAIGN_VIEW = "campaign_view"  # campaigns, lists and their figures, without personal data
    CAMPAIGN_MANAGE = "campaign_manage"  # define campaigns and give them lists
    CAMPAIGN_RUN = "campaign_run"  # start, pause, stop, change pacing, the kill switch
    CAMPAIGN_RESULTS = "campaign_results"  # results and refused rows, with personal data
    LIST_LOAD = "list_load"
    LIST_APPROVE = "list_approve"  # never one's own
    RECORDING_FIND = "recording_find"  # which recordings there are, and what is known of each
    RECORDING_LISTEN = "recording_listen"  # an agent: of own scored calls; own of who has person_file: cases
    RECORDING_DOWNLOAD = "recording_download"
    RECORDING_CONTROL = "recording_control"  # silence one's own talk, record it on demand
    RECORDING_WATCH = "recording_watch"  # alarms, states, what is not sealed yet
    RECORDING_HOLD = "recording_hold"  # hold, release, destroy; the retention table
    REVIEW_WORK = "review_work"  # work list, score, comment
    REVIEW_PLAN = "review_plan"  # sampling plans, forms, rounds of calibration, figures of reviewers
    SCORE_VIEW = "score_view"
    SCORE_SIGN = "score_sign"
    APPEAL_FILE = "appeal_file"
    APPEAL_APPROVE = "appeal_approve"  # the team leader's step
    APPEAL_DECIDE = "appeal_decide"  # SPV PKL: the second step, the arbiter, compiled lists
    COACHING_WORK = "coaching_work"  # an agent: the tasks that are theirs
    PERSON_FILE = "person_file"  # everything held about one taxpayer: export, restrict, erase
    FIGURES_VIEW = "figures_view"  # productivity, with the calls behind each figure
    FIGURES_IMPORT = "figures_import"  # counts of chat and e-mail
    ANNOUNCEMENT_SWITCH = "announcement_switch"  # what every caller hears first, on and off
    ANNOUNCEMENT_EDIT = "announcement_edit"  # what announcements and other prompts say
    WALL_SET = "wall_set"  # thresholds of the wallboard
    SCHEDULE_VIEW = "schedule_view"
    SCHEDULE_MANAGE = "schedule_manage"  # shifts, activities, exceptions
    OFFLINE_REQUEST = "offline_request"  # Izin Tidak Online, for oneself
    OFFLINE_DECIDE = "offline_decide"  # never one's own
    PLAN_WORK = "plan_work"  # forecasts, staff needed, what-ifs
    REPORT_VIEW = "report_view"
    REPORT_MANAGE = "report_manage"  # save, schedule, where they are sent
    MATTER_STEER = "matter_steer"  # assign by load, dispositions between units, statistics
    MATTER_UNIT = "matter_unit"  # complaints that wait for one's own unit, outside KLIP
    CONFIG_VIEW = "config_view"  # what is set, and every change of it
    CONFIG_MANAGE = "config_manage"  # change and undo


_P, _R = Permission, Reach

_EVERYBODY: Mapping[Permission, Reach] = {_P.SIGNED_IN: _R.OWN}
_TAKES_CALLS: Mapping[Permission, Reach] = {
    _P.DESK_USE: _R.OWN,
    _P.CALL_VIEW: _R.OWN,
    _P.CALL_PROVE: _R.OWN,
    _P.NOTE_WRITE: _R.OWN,
    _P.NOTE_SEARCH: _R.OWN,
    _P.MATTER_OPEN: _R.OWN,
    _P.MATTER_WORK: _R.OWN,  # what was assigned to them: the back office is multiskilled agents
    _P.CAMPAIGN_WORK: _R.OWN,
    _P.RECORDING_CONTROL: _R.OWN,
    _P.RECORDING_LISTEN: _R.OWN,
    _P.SCORE_VIEW: _R.OWN,
    _P.SCORE_SIGN: _R.OWN,
    _P.APPEAL_FILE: _R.OWN,
    _P.COACHING_WORK: _R.OWN,
    _P.SCHEDULE_VIEW: _R.OWN,
    _P.OFFLINE_REQUEST: _R.OWN,
}
_REVIEWS: Mapping[Permission, Reach] = {
    _P.CALL_VIEW: _R.ALL,
    _P.NOTE_SEARCH: _R.ALL,
    _P.RECORDING_FIND: _R.ALL,
    _P.RECORDING_LISTEN: _R.ALL,
    _P.RECORDING_WATCH: _R.ALL,
    _P.REVIEW_WORK: _R.ALL,
    _P.SCORE_VIEW: _R.ALL,
}

ROLES: Mapping[StaffRole, Mapping[Permission, Reach]] = {
    StaffRole.AGENT: _TAKES_CALLS,
    StaffRole.TEAM_LEADER: {
        _P.CALL_VIEW: _R.TEAM,
        _P.NOTE_SEARCH: _R.TEAM,
        _P.MATTER_WORK: _R.TEAM,
        _P.FLOOR_VIEW: _R.TEAM,
        _P.FLOOR_SUPERVISE: _R.TEAM,
        _P.CAMPAIGN_VIEW: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.RECORDING_FIND: _R.TEAM,
        _P.RECORDING_LISTEN: _R.TEAM,
        _P.SCORE_VIEW: _R.TEAM,
        _P.APPEAL_APPROVE: _R.TEAM,
        _P.COACHING_WORK: _R.TEAM,
        _P.FIGURES_VIEW: _R.TEAM,
        _P.SCHEDULE_VIEW: _R.TEAM,
        _P.REPORT_VIEW: _R.TEAM,
        _P.MATTER_STEER: _R.TEAM,
    },
    StaffRole.SUPERVISOR: {
        _P.CALL_VIEW: _R.ALL,
        _P.NOTE_SEARCH: _R.ALL,
        _P.MATTER_WORK: _R.ALL,
        _P.FLOOR_VIEW: _R.ALL,
        _P.FLOOR_SUPERVISE: _R.ALL,
        _P.CAMPAIGN_VIEW: _R.ALL,
        _P.CAMPAIGN_RUN: _R.ALL,
        _P.LIST_APPROVE: _R.ALL,
        _P.LINE_SWITCH: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.RECORDING_FIND: _R.ALL,
        _P.RECORDING_LISTEN: _R.ALL,
        _P.RECORDING_WATCH: _R.ALL,
        _P.SCORE_VIEW: _R.ALL,
        _P.COACHING_WORK: _R.ALL,
        _P.FIGURES_VIEW: _R.ALL,
        _P.FIGURES_IMPORT: _R.ALL,
        _P.ANNOUNCEMENT_SWITCH: _R.ALL,
        _P.ANNOUNCEMENT_EDIT: _R.ALL,
        _P.WALL_SET: _R.ALL,
        _P.SCHEDULE_VIEW: _R.ALL,
        _P.OFFLINE_DECIDE: _R.ALL,
        _P.PLAN_WORK: _R.ALL,
        _P.REPORT_VIEW: _R.ALL,
        _P.REPORT_MANAGE: _R.ALL,
        _P.MATTER_STEER: _R.ALL,
        _P.CONFIG_VIEW: _R.ALL,
    },
    StaffRole.QUALITY: _REVIEWS,
    StaffRole.QUALITY_LEAD: {
        **_REVIEWS,
        _P.REVIEW_PLAN: _R.ALL,
        _P.APPEAL_DECIDE: _R.ALL,
        _P.COACHING_WORK: _R.ALL,
        _P.RECORDING_DOWNLOAD: _R.ALL,
        _P.RECORDING_HOLD: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.FIGURES_VIEW: _R.ALL,
        _P.REPORT_VIEW: _R.ALL,
        _P.CONFIG_VIEW: _R.ALL,
    },
    StaffRole.CAMPAIGN_MANAGER: {
        _P.CAMPAIGN_VIEW: _R.ALL,
        _P.CAMPAIGN_MANAGE: _R.ALL,
        _P.CAMPAIGN_RUN: _R.ALL,
        _P.CAMPAIGN_RESULTS: _R.ALL,
        _P.LIST_LOAD: _R.ALL,
        _P.LIST_APPROVE: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.REPORT_VIEW: _R.ALL,
    },
    StaffRole.PLANNER: {
        _P.FLOOR_VIEW: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.FIGURES_VIEW: _R.ALL,
        _P.FIGURES_IMPORT: _R.ALL,
        _P.SCHEDULE_VIEW: _R.ALL,
        _P.SCHEDULE_MANAGE: _R.ALL,
        _P.PLAN_WORK: _R.ALL,
        _P.REPORT_VIEW: _R.ALL,
        _P.REPORT_MANAGE: _R.ALL,
        _P.CONFIG_VIEW: _R.ALL,
    },
    StaffRole.AUDITOR: {
        _P.AUDIT_READ: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.CONFIG_VIEW: _R.ALL,
        _P.STAFF_VIEW: _R.ALL,
    },
    StaffRole.UNIT: {_P.MATTER_UNIT: _R.TEAM},  # the team is the unit: `desk.complaint_units`
    StaffRole.PRIVACY_OFFICER: {
        _P.PERSON_FILE: _R.ALL,
        _P.RECORDING_LISTEN: _R.OWN,  # what a request that is worked on is about: `recording.listening`
        _P.RECORDING_HOLD: _R.ALL,
        _P.RECORDING_DOWNLOAD: _R.OWN,  # likewise
        _P.RECORDING_WATCH: _R.ALL,
        _P.AUDIT_READ: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
    },
    StaffRole.ADMINISTRATOR: {
        _P.FLOOR_VIEW: _R.ALL,
        _P.LINE_SWITCH: _R.ALL,
        _P.STATUS_VIEW: _R.ALL,
        _P.PHONES_MANAGE: _R.ALL,
        _P.STAFF_VIEW: _R.ALL,
        _P.STAFF_MANAGE: _R.ALL,
        _P.AUDIT_READ: _R.ALL,
        _P.RECORDING_WATCH: _R.ALL,
        _P.ANNOUNCEMENT_SWITCH: _R.ALL,
        _P.ANNOUNCEMENT_EDIT: _R.ALL,
        _P.WALL_SET: _R.ALL,
        _P.CONFIG_VIEW: _R.ALL,
        _P.CONFIG_MANAGE: _R.ALL,
    },
}

_WIDTH = {Reach.OWN: 0, Reach.TEAM: 1, Reach.ALL: 2}


def reach_of(roles: frozenset[StaffRole], permission: Permission) -> Reach | None:
    """Return how far a permission reaches for who has these roles; None: not at all."""
    granted = [
        found for role in roles if (found := {**_EVERYBODY, **ROLES[role]}.get(permission)) is not None
    ]
    return max(granted, key=_WIDTH.__getitem__, default=None)

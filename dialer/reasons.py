"""Why a lead is not dialled now. Every one has words in the catalogue of texts."""

from enum import StrEnum


class WhyNot(StrEnum):
    """The gate's answers, in the order in which they are asked."""

    KILL_SWITCH = "kill_switch"
    ENGINE_NOT_READY = "engine_not_ready"  # Asterisk, database or disk
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    CAMPAIGN_OVER = "campaign_over"  # before its start or after its end
    LIST_NOT_APPROVED = "list_not_approved"  # not yet, or withdrawn
    LIST_EXPIRED = "list_expired"
    CONTROL_GROUP = "control_group"
    OUTSIDE_WINDOW = "outside_window"  # in the callee's zone
    DAY_OFF = "day_off"
    DO_NOT_CALL = "do_not_call"
    WRONG_NUMBER = "wrong_number"
    SOLVED = "solved"  # has filed or paid since the list was cut
    DIRECTORY_UNAVAILABLE = "directory_unavailable"  # it cannot be asked whether it is solved
    NOT_A_NUMBER = "not_a_number"  # not one that may be dialled
    BEING_CALLED = "being_called"  # an attempt to this number or taxpayer is unfinished
    RESTING = "resting"  # abandoned within the last 72 hours
    CAP_LIFE = "cap_life"
    CAP_DAY = "cap_day"
    CAP_24H = "cap_24h"
    TAXPAYER_CAP_LIFE = "taxpayer_cap_life"
    TAXPAYER_CAP_DAY = "taxpayer_cap_day"
    TAXPAYER_CAP_24H = "taxpayer_cap_24h"
    SPACING = "spacing"  # the last outcome asks for more time
    NO_AGENT = "no_agent"
    NO_LINE = "no_line"
    LEASE_LOST = "lease_lost"

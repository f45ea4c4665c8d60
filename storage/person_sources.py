"""Where something about a taxpayer can stand: every table is searched here, or named with the reason why not.

A table is searched by columns whose values are in a set of what was found already (`by`); what it gives in
turn (`gives`) is searched in the tables after it. Binary columns (sealed values, fingerprints) are never
shown as they are; `storage.person_opened` opens what is the person's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table

from recording.persons_table import Area
from storage import appeal_tables as appealed
from storage import attempt_tables as tried
from storage import campaign_tables as campaigned
from storage import interaction_tables as noted
from storage import list_tables as listed
from storage import listening_tables as heard
from storage import matter_tables as matter
from storage import matter_work_tables as matter_work
from storage import outbound_tables as outbound
from storage import person_tables as person
from storage import proof_tables as proved
from storage import recording_tables as recorded
from storage import review_tables as reviewed
from storage import score_tables as scored
from storage import staff_tables as staffed
from storage import tables as base
from storage import transcript_tables as written


@dataclass(frozen=True, slots=True)
class Source:
    """A table that is searched. Sets: see `storage.person_finder.Found`."""

    table: Table
    area: Area
    by: Sequence[tuple[str, str]]  # column, set; a row is found by any of them
    gives: Sequence[tuple[str, str]] = ()  # column, set
    hide: frozenset[str] = frozenset()  # columns that are not the person's: keys, another's work


_A = Area
_CALL = (("call_id", "calls"),)
_RECORDING = (("recording_id", "recordings"),)
_SCORE = (("score_id", "scores"),)

# In this order: whose calls they are comes first.
FIRST: Sequence[Source] = (
    Source(base.taxpayers, _A.REGISTER, (("taxpayer_id", "taxpayers"),)),
    Source(proved.taxpayer_profiles, _A.REGISTER, (("taxpayer_id", "taxpayers"),)),
    Source(listed.contact_keys, _A.CAMPAIGNS, (("key", "keys"),), (("contact_id", "contacts"),)),
    Source(listed.contacts, _A.CAMPAIGNS, (("contact_id", "contacts"),),
           (("list_id", "lists"), ("number_keys", "numbers"))),
    Source(campaigned.leads, _A.LEADS, (("contact_id", "contacts"),), (("lead_id", "leads"),)),
    Source(campaigned.lead_leases, _A.LEADS, (("lead_id", "leads"),)),
    Source(tried.attempts, _A.CAMPAIGNS, (("taxpayer_key", "keys"),),
           (("attempt_id", "attempts"), ("attempt_id", "calls"))),
    Source(tried.attempt_events, _A.CAMPAIGNS, (("attempt_id", "attempts"),)),
    Source(outbound.outbound_dispositions, _A.CAMPAIGNS, (("lead_id", "leads"), ("attempt_id", "attempts")),
           (("call_id", "calls"),)),
    Source(outbound.outbound_skips, _A.CAMPAIGNS, (("lead_id", "leads"),)),
    Source(proved.proof_acts, _A.CALLS, (("taxpayer_lookup", "lookups"),), (("call_id", "calls"),)),
    Source(noted.interaction_notes, _A.NOTES, (("taxpayer_id", "taxpayers"),),
           (("call_id", "calls"), ("note_id", "notes"))),
    Source(matter.matters, _A.MATTERS, (("taxpayer_id", "taxpayers"),),
           (("call_id", "calls"), ("matter_id", "matters"))),
)  # fmt: skip

# Then what belongs to those calls.
THEN: Sequence[Source] = (
    Source(base.calls, _A.CALLS, _CALL, (), frozenset({"channel", "flow_version"})),
    Source(base.call_events, _A.CALLS, _CALL),
    Source(base.floor_entries, _A.CALLS, _CALL, (), frozenset({"n"})),
    Source(base.floor_legs, _A.CALLS, _CALL, (), frozenset({"n", "leg"})),
    Source(base.floor_offers, _A.CALLS, _CALL, (), frozenset({"n", "leg", "number"})),
    Source(base.floor_supervision, _A.TRAIL, _CALL, (), frozenset({"n", "agent", "detail"})),
    Source(base.callbacks, _A.CALLS, _CALL),
    Source(base.callback_events, _A.CALLS, _CALL, (), frozenset({"number"})),
    Source(proved.proof_acts, _A.CALLS, _CALL),
    Source(noted.interaction_notes, _A.NOTES, (*_CALL, ("taxpayer_id", "taxpayers")),
           (("note_id", "notes"),)),
    Source(noted.interaction_drafts, _A.DRAFTS, _CALL),
    Source(noted.script_ticks, _A.CALLS, _CALL, (), frozenset({"number"})),
    Source(matter.matters, _A.MATTERS, (*_CALL, ("taxpayer_id", "taxpayers")), (("matter_id", "matters"),)),
    Source(matter.matter_events, _A.MATTERS, (("matter_id", "matters"),)),
    Source(matter_work.matter_callbacks, _A.MATTERS, (("matter_id", "matters"),)),
    Source(matter_work.matter_proofs, _A.MATTERS, (*_CALL, ("taxpayer_id", "taxpayers"))),
    Source(listed.lists, _A.CAMPAIGNS, (("list_id", "lists"),), (),
           frozenset({"rows_read", "rows_about", "accepted", "rejected", "duplicate", "suppressed", "reasons",
                      "sheets", "last_contact", "loader", "touched_at", "fault", "loaded_by"})),
    Source(campaigned.suppressions, _A.CAMPAIGNS, (("key", "keys"), ("key", "numbers"))),
    Source(campaigned.suppression_events, _A.CAMPAIGNS, (("key", "keys"), ("key", "numbers")), (),
           frozenset({"n"})),
    Source(campaigned.taxpayer_outcomes, _A.CAMPAIGNS, (("taxpayer_key", "keys"),)),
    Source(recorded.recordings, _A.RECORDINGS, _CALL, (("recording_id", "recordings"),),
           frozenset({"channel", "digest", "object_key", "object_bytes", "key_version"})),
    Source(recorded.recording_moves, _A.RECORDINGS, _RECORDING),
    Source(recorded.recording_marks, _A.RECORDINGS, _RECORDING),
    Source(recorded.recording_measures, _A.RECORDINGS, _RECORDING, (), frozenset({"agent_pace", "agent_ms"})),
    Source(recorded.recording_manifest, _A.RECORDINGS, _RECORDING, (),
           frozenset({"number", "digest", "detail", "key_version"})),
    Source(recorded.recording_holds, _A.RECORDINGS, _RECORDING),
    Source(recorded.recording_alarms, _A.RECORDINGS, _RECORDING, (), frozenset({"alarm_id", "seen_by"})),
    Source(written.recording_transcripts, _A.RECORDINGS, _RECORDING, (), frozenset({"cpu_ms", "tries"})),
    Source(heard.recording_playbacks, _A.TRAIL, _RECORDING, (("playback_id", "playbacks"),)),
    Source(heard.recording_given, _A.TRAIL, (("playback_id", "playbacks"),)),
    Source(heard.recording_heard, _A.TRAIL, (("playback_id", "playbacks"),)),
    Source(heard.recording_comments, _A.QUALITY, _RECORDING, (("comment_id", "comments"),)),
    Source(heard.recording_comment_ends, _A.QUALITY, (("comment_id", "comments"),)),
    Source(reviewed.review_places, _A.QUALITY, _RECORDING, (), frozenset({"place", "look_again_at"})),
    Source(reviewed.review_tasks, _A.QUALITY, _RECORDING, (("task_id", "tasks"),)),
    Source(reviewed.review_task_events, _A.QUALITY, (("task_id", "tasks"),)),
    Source(scored.score_drafts, _A.QUALITY, _RECORDING, (), frozenset({"agent", "count"})),
    Source(scored.scores, _A.QUALITY, _RECORDING, (("score_id", "scores"),),
           frozenset({"agent", "total", "effects"})),
    Source(scored.score_steps, _A.QUALITY, _SCORE),
    Source(scored.score_standings, _A.QUALITY, _SCORE),
    Source(appealed.appeals, _A.QUALITY, _RECORDING, (("appeal_id", "appeals"),),
           frozenset({"agent", "team", "verified", "counts", "owes"})),
    Source(appealed.calibration_asked, _A.QUALITY, _RECORDING, (),
           frozenset({"recording_seq", "reviewer_seq"})),
    Source(appealed.calibration_scores, _A.QUALITY, _RECORDING),
    Source(person.person_requests, _A.TRAIL, (("person_key", "keys"),), (("request_id", "requests"),)),
    Source(person.person_steps, _A.TRAIL, (("request_id", "requests"),)),
    Source(person.person_bundles, _A.TRAIL, (("request_id", "requests"),), (), frozenset({"digest"})),
    Source(person.person_restrictions, _A.TRAIL, (("request_id", "requests"),)),
    Source(person.person_restricted_calls, _A.TRAIL, (("request_id", "requests"),)),
)  # fmt: skip

# Searched by ways of their own, see storage.person_finder.
BY_THEMSELVES: Mapping[str, str] = {
    "refused_rows": "cells are sealed and have no key: every row is opened and compared",
    "audit_trail": "by its subjects: the taxpayer, and everything that was found",
}

_AGENT = "an agent's work and its points: the agent's data; that it was scored is in `scores`"
_STAFF = "about staff"
_RULES = "rules and settings, nobody's data"
_DERIVED = "made of what is found elsewhere, fingerprints or figures only"
NOT_ABOUT_PERSONS: Mapping[str, str] = {
    "matter_signals": "clocks of matters; the matters themselves are in `matters`",
    "matter_signals_seen": _STAFF,
    "flow_versions": _RULES,
    "line_switch": _RULES,
    "calendar_overrides": _RULES,
    "floor_open_legs": _DERIVED,
    "floor_agents": _STAFF,
    "sip_accounts": _STAFF,
    "phone_choices": _STAFF,
    "acd_texts": _STAFF,
    "acd_versions": _RULES,
    "dialer_roles": _RULES,
    "campaigns": _RULES,
    "campaign_versions": _RULES,
    "campaign_history": _RULES,
    "lead_batches": "a list's share in a campaign; the person's place in it is in `leads`",
    "kill_switch": _RULES,
    "list_events": "what was done with a whole list; nothing about one person",
    "column_mappings": _RULES,
    "interaction_words": _DERIVED,
    "review_facts": _DERIVED,
    "review_words": _DERIVED,
    "review_names": _DERIVED,
    "review_cursors": _RULES,
    "review_searches": "what a member of staff looks for; their own",
    "review_plans": _RULES,
    "review_draws": _RULES,
    "recording_policies": _RULES,
    "quality_forms": _RULES,
    "score_lines": _AGENT,
    "appeal_items": _AGENT,
    "appeal_steps": _AGENT,
    "appeal_verdicts": _AGENT,
    "compiled_lists": _AGENT,
    "compiled_scores": _AGENT,
    "compiled_receipts": _AGENT,
    "calibration_rounds": _RULES,
    "calibration_remarks": _AGENT,
    "coaching_tasks": _AGENT,
    "coaching_links": _AGENT,
    "coaching_steps": _AGENT,
    "schedule_shifts": _STAFF,
    "schedule_changes": _STAFF,
    "schedule_exceptions": _STAFF,
    "offline_requests": _STAFF,
    "offline_steps": _STAFF,
    "figure_days": _DERIVED,
    "figure_months": _DERIVED,
    "figure_marks": _DERIVED,
    "figure_channels": "counts of other channels by agent and day",
    "figure_imports": _STAFF,
    "plans": "forecasts and staff needed: figures only",
    "plan_steps": _STAFF,
    "reports": _RULES,
    "report_versions": _RULES,
    "report_steps": _STAFF,
    "report_runs": "which report was made when, of figures only",
    "report_files": "figures of the centre and of agents; no report names a call's other end",
    "report_deliveries": _STAFF,
    "config_changes": _RULES,
    "announcements": _RULES,
    "prompt_sounds": "what every caller hears",
    "prompt_changes": _RULES,
    "announcement_ends": _RULES,
    "wall_thresholds": _RULES,
    "wall_messages": "what supervisors write to agents",
    "wall_receipts": _STAFF,
    "staff": _STAFF,
    "staff_changes": _STAFF,
    "staff_credentials": _STAFF,
    "staff_recovery_codes": _STAFF,
    "staff_sessions": _STAFF,
}

AUDITED = staffed.audit_trail
REFUSED = listed.refused_rows
STAFF = staffed.staff

# Columns that name a member of staff: shown by role and reference.
STAFF_COLUMNS = frozenset(
    {
        "staff_id", "agent", "done_by", "who", "reviewer", "opened_by", "assignee", "owner", "joined", "by",
        "received_by", "made_by", "prepared_by", "lift_asked_by", "seen_by", "filed_by", "rescorer",
        "arbiter", "approved_by", "declared_by", "asked_by",
    }
)  # fmt: skip
# Of no table shown: how machines name things, and sessions of staff.
MACHINE_COLUMNS = frozenset({"session_id", "engine"})

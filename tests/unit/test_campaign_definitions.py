"""A campaign's definition: as text, what is refused, and the tables it names."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.skills import Tier
from call_flows.book import SHIPPED
from desk.matter_data import TableProblem
from desk.script_book import load_scripts
from dialer.campaigns import (
    CampaignKind,
    CampaignRefused,
    Caps,
    Definition,
    Pacing,
    RetryRule,
    Window,
)
from dialer.campaigns_check import Known, check_definition
from dialer.campaigns_text import from_plain, to_plain
from dialer.control import in_control, threshold
from dialer.dispositions import Flag, load_dispositions
from dialer.kinds import DATA, load_caps, load_kinds
from dialer.retry import load_retry
from tests.laws import asks
from tests.unit.dialling_world import DEFINITION, TEN

KNOWN = Known(
    scripts=frozenset({"non_filer"}),
    flows=frozenset({"outbound_agent", "outbound_reminder"}),
    for_agents=frozenset({"outbound_agent"}),
    skills=frozenset({"outbound"}),
    dispositions=load_dispositions().at(TEN),
    retry=load_retry().at(TEN),
    caps=load_caps().at(TEN),
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=20)
CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
RULES = st.builds(
    RetryRule,
    attempts=st.integers(0, 20),
    spacing=st.integers(0, 90 * 86400).map(lambda seconds: timedelta(seconds=seconds)),
    next_number=st.booleans(),
)
DEFINITIONS = st.builds(
    Definition,
    title=WORDS.filter(bool),
    kind=st.sampled_from(CampaignKind),
    script=WORDS.filter(bool),
    flow=WORDS.filter(bool),
    pacing=st.sampled_from(Pacing),
    skill=WORDS,
    tier=st.sampled_from(Tier),
    priority=st.integers(-5, 100),
    starts_on=st.none() | st.dates(),
    ends_on=st.none() | st.dates(),
    window=st.builds(Window, CLOCKS, CLOCKS, st.frozensets(st.integers(0, 6))),
    caps=st.builds(Caps, st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)),
    retry=st.dictionaries(WORDS, RULES),
    dispositions=st.lists(WORDS).map(tuple),
    needs_poro=st.booleans(),
    ring_seconds=st.integers(0, 6000).map(lambda tenths: tenths / 10),
    most_lines=st.integers(0, 999),
    abandon_limit=st.integers(0, 1000).map(lambda parts: parts / 1000),
    least_team=st.integers(0, 99),
    control_share=st.integers(0, 1000).map(lambda parts: parts / 1000),
    effect_days=st.integers(0, 99),
    tax_period=st.sampled_from(["", "2025", "2025-03"]),
    amd=st.booleans(),
    fields=st.lists(WORDS).map(tuple),
    content=WORDS,
)


@settings(max_examples=asks(40), deadline=None)
@given(DEFINITIONS)
def test_a_definition_survives_its_text(definition: Definition) -> None:
    assert from_plain(to_plain(definition)) == definition


def test_what_is_not_said_is_as_a_new_campaign_has_it() -> None:
    least = {"title": "T", "kind": "survey", "script": "s", "flow": "f"}
    assert from_plain(least) == Definition("T", CampaignKind.SURVEY, "s", "f")
    short = {**least, "window": {"opens": "09.30"}, "caps": {"day": "1"}}
    assert from_plain(short).window == Window(opens=time(9, 30))
    assert from_plain(short).caps == Caps(day=1)


@pytest.mark.parametrize(
    ("field", "value", "place", "word"),
    [
        ("titel", "x", "titel", "unknown_field"),
        ("title", "", "title", "missing"),
        ("kind", "filers", "kind", "no_such_choice"),
        ("pacing", "fast", "pacing", "no_such_choice"),
        ("priority", "1.5", "priority", "not_a_whole_number"),
        ("ring_seconds", "25s", "ring_seconds", "not_a_number"),
        ("ring_seconds", "nan", "ring_seconds", "not_a_number"),
        ("starts_on", "3 Juni", "starts_on", "not_a_day"),
        ("amd", "true", "amd", "not_yes_or_no"),
        ("fields", "a, b", "fields", "not_a_list"),
        ("title", ["x"], "title", "not_a_text"),
        ("window", "08-16", "window", "not_a_part"),
        ("window", {"opens": "8"}, "window.opens", "not_a_time"),
        ("window", {"opens": "24:00"}, "window.opens", "not_a_time"),
        ("window", {"weekdays": ["senin"]}, "window.weekdays", "not_a_weekday"),
        ("caps", {"week": "1"}, "caps.week", "unknown_field"),
        ("retry", {"busy": {"attempts": "2"}}, "retry.busy.spacing", "missing"),
        ("retry", {"busy": {"attempts": "2", "spacing": "30"}}, "retry.busy.spacing", "not_a_span"),
    ],
)
def test_what_cannot_be_read_is_told_by_field_and_word(
    field: str, value: object, place: str, word: str
) -> None:
    plain: Mapping[str, object] = {**to_plain(DEFINITION), field: value}
    with pytest.raises(CampaignRefused) as refused:
        from_plain(plain)
    assert (refused.value.field, refused.value.word) == (place, word)


def test_the_shipped_defaults_may_be_used() -> None:
    check_definition(DEFINITION, KNOWN)


@pytest.mark.parametrize(
    ("change", "place", "word"),
    [
        ({"title": " "}, "title", "missing"),
        ({"title": "x" * 201}, "title", "too_long"),
        ({"script": "nothing"}, "script", "unknown"),
        ({"flow": "nothing"}, "flow", "unknown"),
        ({"skill": "nothing"}, "skill", "unknown"),
        ({"ring_seconds": 14.9}, "ring_seconds", "too_small"),
        ({"ring_seconds": 120.0}, "ring_seconds", "too_large"),
        ({"ring_seconds": float("nan")}, "ring_seconds", "too_large"),
        ({"window": Window(time(7, 59), time(16))}, "window", "outside_ceiling"),
        ({"window": Window(time(8), time(18, 1))}, "window", "outside_ceiling"),
        ({"window": Window(time(12), time(12))}, "window", "ends_before_it_begins"),
        ({"window": Window(weekdays=frozenset())}, "window.weekdays", "missing"),
        ({"starts_on": date(2026, 6, 2), "ends_on": date(2026, 6, 1)}, "ends_on", "before_start"),
        ({"caps": Caps(life=0)}, "caps.life", "too_small"),
        ({"caps": Caps(day=99)}, "caps.day", "too_large"),
        ({"control_share": 1.01}, "control_share", "too_large"),
        ({"control_share": -0.1}, "control_share", "too_small"),
        ({"abandon_limit": 0.05}, "abandon_limit", "too_large"),
        ({"pacing": Pacing.PREDICTIVE, "abandon_limit": 0.0}, "abandon_limit", "above_nothing"),
        ({"pacing": Pacing.AGENTLESS}, "pacing", "flow_for_agents"),
        ({"flow": "outbound_reminder"}, "pacing", "flow_without_agents"),
        ({"flow": "outbound_reminder", "pacing": Pacing.PREVIEW}, "pacing", "flow_without_agents"),
        ({"most_lines": 0}, "most_lines", "too_small"),
        ({"tax_period": "2025-13"}, "tax_period", "not_a_period"),
        ({"fields": ("Nama Lengkap",)}, "fields", "not_a_word"),
        ({"retry": {"bussy": RetryRule(1, timedelta())}}, "retry.bussy", "unknown"),
        ({"retry": {"busy": RetryRule(-1, timedelta())}}, "retry.busy.attempts", "too_small"),
        ({"retry": {"busy": RetryRule(1, timedelta(days=91))}}, "retry.busy.spacing", "too_large"),
        ({"dispositions": ("survey_done",)}, "dispositions", "unknown"),
    ],
)
def test_what_may_not_be_is_told_by_field_and_word(change: dict[str, object], place: str, word: str) -> None:
    wrong = replace(DEFINITION, **change)  # type: ignore[arg-type]
    with pytest.raises(CampaignRefused) as refused:
        check_definition(wrong, KNOWN)
    assert (refused.value.field, refused.value.word) == (place, word)


def test_a_reminders_flow_is_dialled_without_agents() -> None:
    check_definition(replace(DEFINITION, flow="outbound_reminder", pacing=Pacing.AGENTLESS), KNOWN)


def test_every_kind_has_dispositions_of_each_meaning_that_reports_count() -> None:
    for kind in CampaignKind:
        offered = KNOWN.dispositions.offered(replace(DEFINITION, kind=kind))
        flags = frozenset[Flag]().union(*(row.flags for row in offered.values()))
        assert {Flag.HUMAN, Flag.RIGHT_PARTY, Flag.CALLBACK, Flag.DO_NOT_CALL, Flag.WRONG_NUMBER} <= flags
        if load_kinds().at(TEN)[kind].outcomes:
            assert {Flag.PROMISE, Flag.SOLVED} <= flags or kind is CampaignKind.REMINDER
        digits = [row.digit for row in offered.values() if row.digit]
        assert len(digits) == len(set(digits))
    assert KNOWN.dispositions.with_flag(Flag.DO_NOT_CALL) == {"do_not_call"}


def test_what_a_new_campaign_starts_with_is_there() -> None:
    scripts = load_scripts()
    flows = {path.stem for path in SHIPPED.glob("*.yaml")}
    for row in load_kinds().at(TEN).values():
        assert row.script in scripts
        assert row.flow in flows


def test_a_campaign_may_offer_fewer_dispositions() -> None:
    some = replace(DEFINITION, dispositions=("informed", "wrong_number"))
    assert list(KNOWN.dispositions.offered(some)) == ["informed", "wrong_number"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("dispositions", "flags: [terminal, human]", "flags: [terminal, retry]"),
        ("dispositions", "digit: 2", "digit: 1"),
        ("dispositions", "[terminal, human, do_not_call]", "[retry, human, do_not_call]"),
        ("dispositions", "[retry, human, right_party]", "[retry, right_party]"),
        ("kinds", "      survey:", "      polls:"),
        ("caps", "day: 3", "day: 0"),
        ("caps", "least_ring: 15", "least_ring: 90"),
        ("caps", "ask_again: 10", "ask_again: 0"),
    ],
)
def test_a_table_with_a_mistake_is_refused(tmp_path: Path, file: str, old: str, new: str) -> None:
    text = (DATA / f"{file}.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / f"{file}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    load = {"dispositions": load_dispositions, "kinds": load_kinds, "caps": load_caps}[file]
    with pytest.raises(TableProblem, match=file):
        load(tmp_path)


def test_what_nobody_published_says_so() -> None:
    now: datetime = TEN
    assert load_caps().at(now).assumed
    assert load_retry().at(now).assumed
    assert KNOWN.dispositions.assumed


@settings(deadline=None)
@given(st.binary(min_size=16, max_size=16), st.floats(0, 1), st.floats(0, 1))
def test_whoever_is_in_a_small_control_group_is_in_every_greater_one(
    key: bytes, one: float, other: float
) -> None:
    small, great = sorted((one, other))
    assert not in_control(key, small) or in_control(key, great)
    assert in_control(key, 1)
    assert not in_control(key, 0)


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValueError, match="no share"):
        threshold(1.5)

"""Whether a campaign may be defined so. What is refused names its field and a word of the catalogue."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dialer.campaigns import CampaignRefused, Definition, Pacing
from dialer.dispositions import DispositionVersion
from dialer.kinds import CapRule
from dialer.retry import RetryVersion
from dialer.windows import CEILING

_MOST = {"title": 200, "script": 64, "flow": 64, "skill": 64, "content": 4000}
_MOST_FIELDS, _LONGEST_FIELD = 40, 64
_MOST_ATTEMPTS, _LONGEST_SPACING = 100, 90  # attempts; days
_MOST_PRIORITY, _MOST_EFFECT_DAYS, _MOST_TEAM = 100, 366, 10_000
_PERIOD = re.compile(r"20[0-9]{2}(-(0[1-9]|1[0-2]))?", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """What a definition may name."""

    scripts: frozenset[str]
    flows: frozenset[str]
    for_agents: frozenset[str]  # those flows in which people come to agents by themselves
    skills: frozenset[str]
    dispositions: DispositionVersion
    retry: RetryVersion
    caps: CapRule


def check_definition(definition: Definition, known: Known) -> None:
    """Raise CampaignRefused for the first thing that is wrong with a definition."""
    _check_texts(definition)
    _check_names(definition, known)
    _check_pacing(definition, known)
    _check_times(definition)
    _check_numbers(definition, known.caps)
    _check_codes(definition, known)


def _check_texts(definition: Definition) -> None:
    for name, most in _MOST.items():
        text = getattr(definition, name)
        if not text.strip() and name != "content":
            raise CampaignRefused(name, "missing")
        if len(text) > most:
            raise CampaignRefused(name, "too_long", str(most))
    if definition.tax_period and not _PERIOD.fullmatch(definition.tax_period):
        raise CampaignRefused("tax_period", "not_a_period", definition.tax_period)
    if len(definition.fields) > _MOST_FIELDS:
        raise CampaignRefused("fields", "too_many", str(_MOST_FIELDS))
    for name in definition.fields:
        if len(name) > _LONGEST_FIELD or not _WORD.fullmatch(name):
            raise CampaignRefused("fields", "not_a_word", name[:_LONGEST_FIELD])


def _check_names(definition: Definition, known: Known) -> None:
    for name, choices in (("script", known.scripts), ("flow", known.flows), ("skill", known.skills)):
        if getattr(definition, name) not in choices:
            raise CampaignRefused(name, "unknown", getattr(definition, name))


def _check_pacing(definition: Definition, known: Known) -> None:
    """To agents, but dialled without any: everybody is abandoned. The reverse keeps agents for nothing."""
    alone = definition.pacing is Pacing.AGENTLESS
    if alone and definition.flow in known.for_agents:
        raise CampaignRefused("pacing", "flow_for_agents", definition.flow)
    if not alone and definition.flow not in known.for_agents:
        raise CampaignRefused("pacing", "flow_without_agents", definition.flow)


def _check_times(definition: Definition) -> None:
    window = definition.window
    if window.opens >= window.closes:
        raise CampaignRefused("window", "ends_before_it_begins")
    if window.opens < CEILING.opens or window.closes > CEILING.closes:
        raise CampaignRefused("window", "outside_ceiling")
    if window.opens.tzinfo or window.closes.tzinfo:
        raise CampaignRefused("window", "not_a_time")
    if not window.weekdays or not window.weekdays <= set(range(7)):
        raise CampaignRefused("window.weekdays", "missing")
    if definition.starts_on and definition.ends_on and definition.ends_on < definition.starts_on:
        raise CampaignRefused("ends_on", "before_start")


def _check_numbers(definition: Definition, caps: CapRule) -> None:
    own = definition.caps
    _within("caps.life", own.life, 1, caps.taxpayer.life)
    _within("caps.day", own.day, 1, caps.taxpayer.day)
    _within("caps.rolling_24h", own.rolling_24h, 1, caps.taxpayer.rolling_24h)
    _within("ring_seconds", definition.ring_seconds, caps.least_ring, caps.most_ring)
    _within("most_lines", definition.most_lines, 1, caps.most_lines)
    _within("abandon_limit", definition.abandon_limit, 0, caps.abandon_limit)
    _within("control_share", definition.control_share, 0, 1)
    _within("priority", definition.priority, 0, _MOST_PRIORITY)
    _within("least_team", definition.least_team, 1, _MOST_TEAM)
    _within("effect_days", definition.effect_days, 1, _MOST_EFFECT_DAYS)
    if definition.pacing is Pacing.PREDICTIVE and definition.abandon_limit == 0:
        raise CampaignRefused("abandon_limit", "above_nothing")


def _check_codes(definition: Definition, known: Known) -> None:
    for code, rule in definition.retry.items():
        if code not in known.retry.codes:
            raise CampaignRefused(f"retry.{code}", "unknown", code)
        _within(f"retry.{code}.attempts", rule.attempts, 0, _MOST_ATTEMPTS)
        _within(f"retry.{code}.spacing", rule.spacing.total_seconds() / 86400, 0, _LONGEST_SPACING)
    offered = {code for code, row in known.dispositions.dispositions.items() if row.fits(definition.kind)}
    for code in _first_unknown(definition.dispositions, offered):
        raise CampaignRefused("dispositions", "unknown", code)


def _first_unknown(codes: Iterable[str], known: Iterable[str]) -> Iterable[str]:
    found = set(known)
    return (code for code in codes if code not in found)


def _within(name: str, value: float, least: float, most: float) -> None:
    if value < least:
        raise CampaignRefused(name, "too_small", f"{least:g}")
    if not value <= most:  # also what is no number
        raise CampaignRefused(name, "too_large", f"{most:g}")

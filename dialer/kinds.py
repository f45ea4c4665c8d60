"""Kinds of campaigns and the caps above them all: the dated tables `kinds.yaml` and `caps.yaml`."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import office_day
from dialer.attempts import AttemptLimits
from dialer.campaigns import CampaignKind, Caps, Pacing

DATA = Path(__file__).parent / "data"
LANGUAGES = ("id", "en")


class OutcomeKind(StrEnum):
    """What a taxpayer has done, as the outcome feed tells it."""

    FILED = "filed"
    PAID = "paid"


class KindRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of campaign: its words, what solves it, and what a new one starts with."""

    id: str
    en: str
    outcomes: tuple[OutcomeKind, ...]
    needs_poro: bool
    pacing: Pacing
    script: str
    flow: str

    def words(self, language: str) -> str:
        """Return its name in Indonesian or English."""
        return self.en if language == "en" else self.id


class KindVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kinds in force from a day."""

    since: date
    kinds: Mapping[CampaignKind, KindRow]
    assumed: bool = False


class TaxpayerCaps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Attempts to one taxpayer at most, over all campaigns and lists."""

    life: int
    day: int
    rolling_24h: int


class CapRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The caps in force from a day; no campaign reaches beyond them."""

    since: date
    taxpayer: TaxpayerCaps
    rest_after_abandoned: float  # hours
    least_ring: float  # seconds
    most_ring: float
    abandon_limit: float  # share of live answers
    most_lines: int
    ask_again: float  # minutes
    assumed: bool = False

    def limits(self, caps: Caps) -> AttemptLimits:
        """Return what the record of attempts itself refuses, for a campaign of these caps."""
        return AttemptLimits(
            campaign_life=caps.life,
            campaign_day=caps.day,
            campaign_24h=caps.rolling_24h,
            taxpayer_life=self.taxpayer.life,
            taxpayer_day=self.taxpayer.day,
            taxpayer_24h=self.taxpayer.rolling_24h,
            rest_after_abandoned_hours=self.rest_after_abandoned,
        )


class _Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[KindVersion, ...]


class _Caps(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[CapRule, ...]


class KindTable:
    """All versions of `kinds.yaml`."""

    def __init__(self, versions: tuple[KindVersion, ...]) -> None:
        self._versions = versions

    def at(self, now: datetime) -> Mapping[CampaignKind, KindRow]:
        """Return the kinds in force at a time."""
        return in_force(self._versions, office_day(now)).kinds


class CapTable:
    """All versions of `caps.yaml`."""

    def __init__(self, versions: tuple[CapRule, ...]) -> None:
        self._versions = versions

    def at(self, now: datetime) -> CapRule:
        """Return the caps in force at a time."""
        return in_force(self._versions, office_day(now))


def load_kinds(folder: Path = DATA) -> KindTable:
    """Read `kinds.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "kinds.yaml"
    versions = read_table(path, _Kinds).versions
    check_order(path, versions)
    for version in versions:
        if missing := sorted(set(CampaignKind) - set(version.kinds)):
            raise TableProblem(f"{path.name}: kinds are missing: {', '.join(missing)}. Remedy: add them.")
    return KindTable(versions)


def load_caps(folder: Path = DATA) -> CapTable:
    """Read `caps.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "caps.yaml"
    versions = read_table(path, _Caps).versions
    check_order(path, versions)
    for rule in versions:
        caps = rule.taxpayer
        if min(caps.life, caps.day, caps.rolling_24h, rule.most_lines) < 1:
            raise TableProblem(f"{path.name}: every cap is at least 1.")
        if rule.ask_again <= 0 or rule.rest_after_abandoned < 0:
            raise TableProblem(f"{path.name}: ask_again is above 0, rest_after_abandoned not below.")
        if not 0 < rule.abandon_limit <= 1 or not 0 < rule.least_ring <= rule.most_ring:
            raise TableProblem(f"{path.name}: abandon_limit is a share; least_ring <= most_ring.")
    return CapTable(versions)

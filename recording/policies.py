"""What is recorded: the administrator's table of modes by campaign, kind of campaign, queue and direction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from desk.matter_data import in_force
from desk.table_text import BadText, read_text
from desk.working_days import office_day
from recording.recordings import Mode

SHIPPED = Path(__file__).parent / "data" / "policies.yaml"
_SHARES = 10_000  # the parts that calls are divided into by their ids


class PolicyProblem(Exception):
    """A table of what is recorded cannot be used: file, place and remedy."""


class PoliciesUnavailable(Exception):
    """The table in force cannot be read or changed at the moment."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How some calls are recorded. `share`: per cent of them, for mode `sample` only."""

    mode: Mode
    share: float = 0.0

    def wants(self, call_id: str) -> bool:
        """Return whether a call is recorded without anybody asking. The same answer each time."""
        if self.mode is Mode.SAMPLE:
            # Not the id's own digits: a sample must not follow from how ids are made.
            drawn = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8]) % _SHARES
            return drawn < self.share / 100 * _SHARES
        return self.mode is Mode.ALWAYS


class SilenceRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long silence lasts: `_ms` milliseconds, `_s` seconds."""

    keys_before_ms: int
    keys_after_s: float
    proof_s: float
    agent_s: float


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    inbound: Policy
    outbound: Policy
    silence: SilenceRules
    queues: Mapping[str, Policy] = {}
    kinds: Mapping[str, Policy] = {}
    campaigns: Mapping[str, Policy] = {}
    assumed: bool = False

    def of(self, call: Kind) -> Policy:
        """Return how a call is recorded: by its campaign, its kind, its queue or its direction."""
        skill = call.queue.partition("/")[0]
        return (
            self.campaigns.get(call.campaign_id)
            or self.kinds.get(call.kind)
            or self.queues.get(call.queue)
            or self.queues.get(skill)
            or (self.outbound if call.direction == "out" else self.inbound)
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of call it is, for the table."""

    queue: str
    direction: str = "in"  # or "out"
    campaign_id: str = ""
    kind: str = ""  # of the campaign


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[Policies, ...]


class PolicyTable:
    """All dated versions of one file."""

    def __init__(self, versions: Sequence[Policies]) -> None:
        self._versions = tuple(versions)

    def at(self, now: datetime) -> Policies:
        """Return what is in force at a time, by the office's day."""
        return in_force(self._versions, office_day(now))


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A table as it was imported. Version 0 is the shipped one."""

    version: int
    at: datetime | None
    by: str
    why: str
    text: str


class PolicyStore(Protocol):
    """Every version of the table. Every method raises PoliciesUnavailable."""

    async def newest(self) -> PolicyVersion:
        """Return the version in force."""
        ...

    async def all(self) -> Sequence[PolicyVersion]:
        """Return every version, the newest first; the shipped one last."""
        ...

    async def add(self, text: str, by: str, why: str, at: datetime) -> PolicyVersion:
        """Keep a table that was checked, and return it as the version in force."""
        ...


def read_policies(name: str, text: str) -> PolicyTable:
    """Read a table; `name` is told in mistakes. Raises PolicyProblem."""
    try:
        versions = msgspec.convert(read_text(text), _Table).versions
    except BadText as error:
        raise PolicyProblem(f"{name}, {error}") from error
    except msgspec.ValidationError as error:
        raise PolicyProblem(f"{name}: {error}. Remedy: correct this place.") from error
    days = [version.since for version in versions]
    if not days or days != sorted(set(days)):
        raise PolicyProblem(f"{name}: no version, or not in order of time. Remedy: add or sort them.")
    for version in versions:
        _check(name, version)
    return PolicyTable(versions)


def shipped_policies() -> PolicyTable:
    """Return the table that belongs to the product. Raises PolicyProblem."""
    return read_policies(SHIPPED.name, SHIPPED.read_text(encoding="utf-8"))


def _check(name: str, version: Policies) -> None:
    rows = {"inbound": version.inbound, "outbound": version.outbound}
    for part in ("queues", "kinds", "campaigns"):
        rows |= {f"{part}, {key}": row for key, row in getattr(version, part).items()}
    for place, row in rows.items():
        sampled = row.mode is Mode.SAMPLE
        if sampled != (row.share > 0) or not 0 <= row.share <= 100:
            remedy = "Remedy: `share` from above 0 to 100 with mode sample, and with no other mode."
            raise PolicyProblem(f"{name}: {version.since}: {place}: share {row.share:g}. {remedy}")
    rules = version.silence
    if rules.keys_before_ms < 0 or min(rules.keys_after_s, rules.proof_s, rules.agent_s) <= 0:
        raise PolicyProblem(
            f"{name}: {version.since}: silence: a time is not above 0. Remedy: write seconds above 0."
        )

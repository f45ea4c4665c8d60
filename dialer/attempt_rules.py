"""What the record of attempts refuses: one at a time, caps, rests. Pure; counted inside its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.attempts import AttemptLimits
from dialer.reasons import WhyNot

_A_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier attempt, as far as it matters for the next. All times aware."""

    attempt_id: str
    campaign_id: str
    intended_at: datetime
    ended_at: datetime | None  # None: unfinished
    counts: bool  # as an attempt, for caps
    rests: bool  # it ended so that its taxpayer and number are left alone for a while


def why_not(
    taxpayer: Sequence[Past],
    number: Sequence[Past],
    campaign_id: str,
    limits: AttemptLimits,
    day_began: datetime,
    now: datetime,
) -> WhyNot | None:
    """Return why one more attempt may not be made; None: it may.

    `taxpayer`: every earlier attempt to the taxpayer. `number`: those to the number, as far back at least
    as the rest reaches.
    """
    both = (*taxpayer, *number)
    if any(past.ended_at is None for past in both):
        return WhyNot.BEING_CALLED
    rest_since = now - timedelta(hours=limits.rest_after_abandoned_hours)
    if any(past.rests and past.ended_at is not None and past.ended_at > rest_since for past in both):
        return WhyNot.RESTING
    counted = [past for past in taxpayer if past.counts]
    own = [past for past in counted if past.campaign_id == campaign_id]
    for cap, past, since, why in (
        (limits.campaign_life, own, None, WhyNot.CAP_LIFE),
        (limits.campaign_day, own, day_began, WhyNot.CAP_DAY),
        (limits.campaign_24h, own, now - _A_DAY, WhyNot.CAP_24H),
        (limits.taxpayer_life, counted, None, WhyNot.TAXPAYER_CAP_LIFE),
        (limits.taxpayer_day, counted, day_began, WhyNot.TAXPAYER_CAP_DAY),
        (limits.taxpayer_24h, counted, now - _A_DAY, WhyNot.TAXPAYER_CAP_24H),
    ):
        if sum(since is None or one.intended_at >= since for one in past) >= cap:
            return why
    return None

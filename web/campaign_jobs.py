"""What takes longer than an answer may: leads of a list being made, a dry run over all leads.

One of each kind for a campaign at a time; the pages ask how far it is. The service's end ends them: leads
half made are taken up again when the list is added again, a dry run changes nothing.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from dialer.campaigns import Campaign, CampaignStore, CampaignsUnavailable
from dialer.dry_run import DryRunReport
from domain.clock import Clock
from web.campaign_port import DryRuns

log = structlog.get_logger("kring.campaigns")

QUICK = 2.0  # seconds that an answer waits before it says that the work goes on by itself


class LeadMaking:
    """Lists whose leads are being made."""

    def __init__(self, campaigns: CampaignStore, clock: Clock, made: Callable[[str], None]) -> None:
        """`made(campaign_id)` is called when there are other leads than before."""
        self._campaigns, self._clock, self._made = campaigns, clock, made
        self._tasks: dict[tuple[str, str], asyncio.Task[int]] = {}
        self._failed: dict[tuple[str, str], Exception] = {}

    async def add(self, campaign_id: str, list_id: str, by: str) -> int | None:
        """Let leads be made; return how many there are, None: it goes on by itself.

        Raises what `CampaignStore.add_list` raises.
        """
        key = (campaign_id, list_id)
        self._failed.pop(key, None)
        if key not in self._tasks:
            work = self._campaigns.add_list(campaign_id, list_id, by, self._clock.now())
            self._tasks[key] = asyncio.ensure_future(work)
            self._tasks[key].add_done_callback(lambda _: self._done(key))
        task = self._tasks[key]
        done, _ = await asyncio.wait({task}, timeout=QUICK)
        return task.result() if done else None

    def of(self, campaign_id: str) -> frozenset[str]:
        """Return the lists whose leads are being made for a campaign."""
        return frozenset(list_id for campaign, list_id in self._tasks if campaign == campaign_id)

    def failed(self, campaign_id: str) -> Mapping[str, Exception]:
        """Return lists whose leads could not be made, and why; since the service runs."""
        return {
            list_id: error for (campaign, list_id), error in self._failed.items() if campaign == campaign_id
        }

    def close(self) -> None:
        """End them."""
        for task in self._tasks.values():
            task.cancel()

    def _done(self, key: tuple[str, str]) -> None:
        task = self._tasks.pop(key)
        self._made(key[0])
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed[key] = error if isinstance(error, Exception) else CampaignsUnavailable()
            log.warning("leads were not made", campaign=key[0], list=key[1], kind=type(error).__name__)


@dataclass(slots=True)
class DryState:
    """A dry run, under way or done."""

    task: "asyncio.Task[None] | None" = None
    judged: int = 0
    report: DryRunReport | None = None
    at: datetime | None = None  # when it was done


class DryRunning:
    """Dry runs, the last of each campaign."""

    def __init__(self, dry_runs: DryRuns, clock: Clock) -> None:
        self._dry_runs, self._clock = dry_runs, clock
        self._states: dict[str, DryState] = {}

    def of(self, campaign_id: str) -> DryState | None:
        """Return the last dry run of a campaign; None: there is none."""
        return self._states.get(campaign_id)

    async def begin(self, campaign: Campaign) -> DryState:
        """Begin one, unless one is under way; return how it is after a moment."""
        state = self._states.get(campaign.campaign_id)
        if state is None or state.task is None or state.task.done():
            state = self._states[campaign.campaign_id] = DryState()
            state.task = asyncio.ensure_future(self._run(campaign, state))
        assert state.task is not None  # noqa: S101 (it was begun above)
        await asyncio.wait({state.task}, timeout=QUICK)
        return state

    def close(self) -> None:
        """End them."""
        for state in self._states.values():
            if state.task is not None:
                state.task.cancel()

    async def _run(self, campaign: Campaign, state: DryState) -> None:
        def told(judged: int) -> None:
            state.judged = judged

        try:
            state.report = await self._dry_runs.run(campaign, self._clock.now(), None, told)
        except Exception as error:  # noqa: BLE001 (it failed, whatever it was; the page says so)
            log.warning("a dry run failed", campaign=campaign.campaign_id, kind=type(error).__name__)
        state.at = self._clock.now()

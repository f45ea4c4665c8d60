"""The pages of figures, joined with what stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from acd.skills import Skillbook
from desk.branches import Branches
from dialer.campaigns import CampaignsUnavailable
from domain.staff import StaffStore
from reporting.asking import Figures
from reporting.channels import ChannelCounts
from service.figure_files import FigureFiles
from service.settings import Settings
from storage.campaigns import DurableCampaigns
from web.app import Area
from web.figure_port import CallRecordings, FigurePort
from web.figure_routes import add_figure_routes

_FOLDER = "figure-files"


@dataclass(frozen=True, slots=True)
class FigureGround:
    """What the pages stand on."""

    figures: Figures
    channels: ChannelCounts
    people: StaffStore
    recordings: CallRecordings
    branches: Branches
    book: Callable[[], Skillbook]  # the administrator's tables in force
    campaigns: DurableCampaigns
    settings: Settings


def make_figure_area(on: FigureGround) -> Area:
    """Return the area of `/angka`."""
    port = FigurePort(
        figures=on.figures,
        channels=on.channels,
        people=on.people,
        recordings=on.recordings,
        branches=on.branches,
        queues=partial(_queues, on.book),
        campaigns=partial(_campaigns, on.campaigns),
        files=FigureFiles(on.settings.home / _FOLDER, on.settings),
    )
    return partial(add_figure_routes, port=port)


def _queues(book: Callable[[], Skillbook]) -> Sequence[str]:
    return sorted(book().requirements)


async def _campaigns(campaigns: DurableCampaigns) -> Mapping[str, str]:
    try:
        return {one.campaign_id: one.definition.title for one in await campaigns.all()}
    except CampaignsUnavailable:
        return {}

"""What the pages and programs send and get about campaigns. Personal is only the NPWP of a question."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialer.campaigns import CampaignKind, CampaignState, Pacing
from web.campaign_forms import folded

ID = "^[0-9a-f]{32}$"
_TEXT = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
_Text = Annotated[str, Field(max_length=200, pattern=_TEXT)]
_Names = Annotated[list[Annotated[str, Field(max_length=64, pattern=_TEXT)]], Field(max_length=200)]
_Version = Annotated[int, Field(ge=1, le=1_000_000, description="of the campaign as it was read")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WindowBody(_Strict):
    """From when to when a call may begin, on the callee's own clock."""

    opens: _Text = Field("08:00", description="never before 08:00")
    closes: _Text = Field("16:00", description="excluded; never after 18:00")
    weekdays: _Names = Field(["mon", "tue", "wed", "thu", "fri"], description="mon … sun")


class CapsBody(_Strict):
    """How many attempts at most; the taxpayer's caps over all campaigns stand above."""

    life: _Text = "6"
    day: _Text = "2"
    rolling_24h: _Text = "2"


class RetryBody(_Strict):
    """What follows one outcome or disposition."""

    attempts: _Text = Field(description="further ones at most")
    spacing: _Text = Field(description="at least: 30m, 4h, 3d")
    next_number: Literal["yes", "no"] = "no"


class DefinitionBody(_Strict):
    """A campaign's definition. Every value is text: days 2026-03-31, times 08:00, spans 4h, flags yes or no.

    What is left out is as a new campaign has it. A form sends parts as `window.opens`, `retry.busy.spacing`.
    """

    title: _Text
    kind: CampaignKind
    script: _Text
    flow: _Text
    pacing: Pacing = Pacing.PROGRESSIVE
    skill: _Text = "outbound"
    tier: Literal["A", "B", "C"] = "A"
    priority: _Text = "0"
    starts_on: _Text = ""
    ends_on: _Text = Field("", description="the last day")
    window: WindowBody = Field(default_factory=lambda: WindowBody.model_validate({}))
    caps: CapsBody = CapsBody()
    retry: Annotated[
        dict[Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")], RetryBody], Field(max_length=100)
    ] = Field({}, description="by outcome or disposition; what is left out follows the table")
    dispositions: _Names = Field([], description="offered to agents; empty: all of the table")
    needs_poro: Literal["yes", "no"] = "yes"
    ring_seconds: _Text = "25"
    most_lines: _Text = "30"
    abandon_limit: _Text = Field("0.03", description="share of live answers")
    least_team: _Text = Field("4", description="agents, below which predictive works as progressive")
    control_share: _Text = Field("0", description="share of contacts that are not called")
    effect_days: _Text = "14"
    tax_period: _Text = Field("", description="2025 or 2025-03; empty: any")
    amd: Literal["yes", "no"] = "no"
    fields: _Names = []
    content: Annotated[str, Field(max_length=4000, pattern=_TEXT)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_form(cls, data: Any) -> Any:
        return folded(data)

    def plain(self) -> dict[str, Any]:
        """Return it as `dialer.campaigns_text` reads it."""
        return self.model_dump(mode="json", exclude={"version"})


class ChangeBody(DefinitionBody):
    """The next version of a definition."""

    version: _Version


class PacingBody(_Strict):
    """How calls are placed from now on."""

    version: _Version
    pacing: Pacing
    most_lines: _Text
    abandon_limit: _Text
    priority: _Text


class TitleBody(_Strict):
    """What a copy is called."""

    title: _Text


class ListChoice(_Strict):
    """A list whose contacts are to be called."""

    list_id: str = Field(pattern=ID)


class WhyBody(_Strict):
    """Whose lead: by its number, or by the taxpayer's 16 digits."""

    lead_id: int | None = Field(None, ge=1, le=2**53)
    npwp: str = Field("", pattern="^([0-9]{16})?$")

    @model_validator(mode="before")
    @classmethod
    def _from_form(cls, data: Any) -> Any:
        return {name: one for name, one in data.items() if one != ""} if isinstance(data, dict) else data


class SwitchBody(_Strict):
    """Why the switch is thrown or lifted."""

    reason: str = Field(min_length=3, max_length=500, pattern=_TEXT)


class SwitchView(BaseModel):
    """The switch that stops every outbound call."""

    thrown: bool
    reason: str
    who: str = Field(description="name")
    at: datetime | None


class LeadsView(BaseModel):
    """How far a campaign is."""

    ready: int
    done: int
    control: int
    share: float = Field(description="done, of those to be called")


class CampaignView(BaseModel):
    """One campaign in a list."""

    campaign_id: str
    title: str
    kind: CampaignKind
    pacing: Pacing
    state: CampaignState
    version: int
    starts_on: date | None
    ends_on: date | None
    lists: int
    leads: LeadsView | None = Field(description="None: not asked for")
    created_by: str = Field(description="name")
    changed_at: datetime


class Campaigns(BaseModel):
    """Campaigns, newest first, and whether anything is dialled at all."""

    campaigns: list[CampaignView]
    switch: SwitchView


class ActView(BaseModel):
    """Something that was done to a campaign."""

    at: datetime
    who: str
    words: str


class ListUse(BaseModel):
    """A list that a campaign calls, or may call."""

    list_id: str
    title: str
    unit: str
    accepted: int
    expires_on: date | None
    adding: bool = Field(False, description="its leads are being made")
    problem: str = Field("", description="why its leads could not be made")


class CampaignDetail(BaseModel):
    """One campaign with everything about it."""

    overview: CampaignView
    definition: dict[str, Any] = Field(description="as `DefinitionBody`")
    lists: list[ListUse]
    choices: list[ListUse] = Field(description="approved lists that it does not call yet")
    history: list[ActView]
    moves: list[str] = Field(description="start, pause, stop, finish: what its state allows")
    may_manage: bool
    may_run: bool
    may_results: bool
    switch: SwitchView


class ReasonView(BaseModel):
    """Why leads are not dialled, and how many."""

    reason: str
    words: str
    leads: int


class ExampleView(BaseModel):
    """One lead by what is not personal."""

    lead_id: int
    list_id: str
    row: int
    zone: str
    reason: str
    words: str


class DryRunView(BaseModel):
    """Who would be called today, who not, and why. The sum of all counts is the number of leads."""

    campaign_id: str
    title: str
    state: Literal["none", "running", "done", "failed"]
    judged: int = Field(description="leads looked at so far, while it runs")
    at: datetime | None = Field(description="when it was done")
    day: date | None
    leads: int
    called: int
    reasons: list[ReasonView] = Field(description="of those that would not be called today")
    done: list[ReasonView] = Field(description="of those that are not called any more")
    examples: list[ExampleView]


class WhyView(BaseModel):
    """How one contact stands, and why it is not dialled."""

    lead_id: int
    list_id: str
    row: int
    zone: str
    state: str
    attempts: int
    last: str = Field(description="what was last said or found out about it")
    may_be_dialled: bool
    why: str
    words: str
    until: datetime | None


class FiguresView(BaseModel):
    """What came of dials: counts and shares; a share of nothing is None."""

    dialled: int
    answered: int
    live: int
    abandoned: int
    contacts: int
    promises: int
    answer_rate: float | None = Field(description="answered, of dialled")
    abandon_rate: float | None = Field(description="abandoned, of live answers")
    contact_rate: float | None = Field(description="right party reached, of dialled")
    promise_rate: float | None = Field(description="promised, of right parties")


class HourView(FiguresView):
    """One hour of today, WIB."""

    hour: int


class AgentsView(BaseModel):
    """Agents in one state."""

    state: str
    words: str
    agents: int


class LookView(BaseModel):
    """A campaign at this moment."""

    at: datetime
    state: CampaignState
    ringing: int
    waiting: int
    talking: int
    most_lines: int
    agents: list[AgentsView]
    borrowed: int
    today: FiguresView
    abandon_upper: float
    abandon_limit: float
    over_limit: bool = Field(description="some were abandoned, and the upper bound is above the limit")
    leads: LeadsView
    ends_on: date | None = Field(description="forecast; None: it cannot be told yet")
    forecast: str = Field(description="the same for people")
    reasons: list[ReasonView]
    hours: list[HourView]
    why_idle: str = Field(description="why nothing is dialled just now; empty: it is")
    pacing: str = Field(description="the pacing at work, in words")
    thrown: bool = Field(description="the kill switch stops everything")


class CountView(BaseModel):
    """How many leads have one outcome or disposition."""

    code: str
    words: str
    leads: int


class EffectRowView(BaseModel):
    """How many of a group filed or paid in time; shares with their 95 % confidence interval."""

    group: str
    words: str
    people: int
    solved: int
    share: float | None
    low: float | None
    high: float | None


class EffectView(BaseModel):
    """Filed or paid in time: those called against those who were not."""

    days: int
    called: EffectRowView = Field(description="those of whom a person was reached")
    control: EffectRowView
    difference: float | None = Field(description="called minus control; None: one of them is empty")
    low: float | None
    high: float | None
    dialled: EffectRowView | None = Field(description="reached or not")
    dialled_difference: float | None = Field(description="dialled minus control")
    dialled_low: float | None
    dialled_high: float | None
    by_script: list[EffectRowView]
    by_hour: list[EffectRowView]
    by_attempt: list[EffectRowView]
    fresh_until: date | None


class MarksView(BaseModel):
    """The marks that called people gave to one question of a survey, from 1 (worst) upwards."""

    question: str
    words: str
    people: int
    mean: float
    marks: dict[int, int]  # mark → people


class ResultsView(BaseModel):
    """What came of a campaign, without personal data."""

    campaign_id: str
    title: str
    leads: LeadsView
    attempts: int
    outcomes: list[CountView]
    dispositions: list[CountView]
    survey: list[MarksView]
    effect: EffectView | None
    may_download: bool

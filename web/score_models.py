"""Scores as the API takes and gives them. Points are decimals, written as text."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from recording.quality.scores import Answer, Given, Kind, ScoreState

HEX_ID = r"^[0-9a-f]{32}$"
WORD = r"^[a-z][a-z0-9_]{0,39}$"
FORM = r"^[a-z]{1,16}$"
LONGEST_NOTE, LONGEST_SUMMARY = 2000, 8000  # characters
_MOST = 1_000_000_000  # of a count: fits the database's integers
_LONGEST = 86_400_000  # milliseconds of a recording: a day

Answers = Mapping[str, Given]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnswerBody(_Body):
    """What is said of one question."""

    answer: Answer
    note: str = Field("", max_length=LONGEST_NOTE)
    at_ms: int | None = Field(None, ge=0, le=_LONGEST, description="A place in the recording")

    def given(self) -> Given:
        """Return it as the rules know it."""
        return Given(self.answer, self.note.strip(), self.at_ms)


class EvaluateBody(_Body):
    """Answers whose worth is asked; nothing of it is kept."""

    form: str = Field(pattern=FORM)
    form_version: int = Field(ge=1, le=_MOST)
    kind: Kind = Kind.REVIEW
    answers: dict[str, AnswerBody] = Field(default_factory=dict, max_length=200)
    facts: dict[str, str] = Field(default_factory=dict, max_length=50)

    def given(self) -> dict[str, Given]:
        """Return the answers as the rules know them."""
        return {name: one.given() for name, one in self.answers.items()}


class ScoreBody(EvaluateBody):
    """A score as a reviewer filled it in."""

    recording_id: str = Field(pattern=HEX_ID)
    person: int = Field(0, ge=0, le=50, description="Whose work: a place among the agents of the call")
    summary: str = Field("", max_length=LONGEST_SUMMARY)
    count: int = Field(0, ge=0, le=_MOST, description="Of the draft that it is based on; 0: none yet")


class GivenView(BaseModel):
    """An answer as it was given."""

    answer: Answer
    note: str
    at_ms: int | None


class DraftView(BaseModel):
    """A draft as it is kept."""

    score_id: str
    count: int
    at: datetime
    answers: dict[str, GivenView]
    facts: dict[str, str]
    summary: str


class DraftConflict(BaseModel):
    """Another page kept something else meanwhile, or the score is final."""

    error: str
    message: str
    refusal: Literal["changed", "closed", "taken"]
    current: DraftView | None


class SafeKey(BaseModel):
    """The key of a session's pages for what they could not send yet."""

    key: str


class LineView(BaseModel):
    """What a criterion (empty `item`) or an item has, and why."""

    criterion: str
    item: str
    most: Decimal
    points: Decimal
    reason: str  # a word: `answered_no` …, or the effect's code; empty of a criterion
    words: str
    effect: str


class EffectView(BaseModel):
    """A cross effect that applied."""

    code: str
    words: str


class ResultView(BaseModel):
    """What answers are worth."""

    total: Decimal
    reachable: Decimal  # the total if all that is not answered yet were answered yes
    lines: list[LineView]
    effects: list[EffectView]
    missing: list[str]
    answered: int
    items: int


class QuestionView(BaseModel):
    """One thing that is answered."""

    code: str
    text: str
    choices: list[Answer]
    given: GivenView | None


class ItemView(BaseModel):
    """An item: one question, or several that are all needed."""

    code: str
    text: str  # empty: its one question says it
    share: Decimal  # percent of the criterion
    questions: list[QuestionView]


class CriterionView(BaseModel):
    """A criterion with its items."""

    code: str
    text: str
    weight: Decimal
    items: list[ItemView]


class ChoiceView(BaseModel):
    """A value that can be chosen."""

    code: str
    text: str


class FactView(BaseModel):
    """What is asked beside the items."""

    code: str
    text: str
    choices: list[ChoiceView]
    needed: bool
    value: str


class OfferView(BaseModel):
    """What the call's record suggests."""

    question: str  # or
    fact: str
    value: str
    words: str
    seen: str  # what in the record suggests it


class FormView(BaseModel):
    """A form with what is filled in."""

    name: str
    version: int
    title: str
    valid_from: date
    na_rule: str
    criteria: list[CriterionView]
    facts: list[FactView]


class PersonView(BaseModel):
    """Whose work can be scored in a recording."""

    place: int
    name: str
    chosen: bool


class ScoringView(BaseModel):
    """The form of a score that is being given."""

    recording_id: str
    person: int
    people: list[PersonView]
    kind: Kind
    score_id: str
    count: int
    drafted_at: datetime | None
    form: FormView
    forms: list[ChoiceView]  # that can be chosen instead
    offers: list[OfferView]
    summary: str
    result: ResultView


class ScoreRow(BaseModel):
    """A final score in a list."""

    score_id: str
    recording_id: str
    agent: str  # on-air name, or a masked staff number
    agent_id: str  # staff_id
    form: str
    kind: Kind
    state: ScoreState
    total: Decimal
    final_at: datetime
    signed_at: datetime | None
    reviewer: str  # empty: not told to this reader
    mine: bool  # it is the reader's own work
    appeal_until: date | None  # the reader may still appeal up to and with this day
    effects: int


class ScoreView(ScoreRow):
    """A final score with its lines."""

    shown: FormView  # with the answers
    result: ResultView
    summary: str
    may_sign: bool


class PieceView(BaseModel):
    """What the review page shows about scores of a recording."""

    recording_id: str
    blind: bool
    finals: list[ScoreView]
    scoring: ScoringView | None
    why_not: str  # the name of a text: why there is no form; empty: nothing to say
    mine_left: str  # the reader's draft that can no longer become final; empty: none

"""Scripts and spelling as the API takes and gives them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from desk.script import ShownScript
from desk.spelling import LONGEST

WORD = r"^[a-z][a-z0-9_]{0,39}$"


class PartView(BaseModel):
    """A piece of a phrase; `blank` names what is filled in, which may be empty (…)."""

    text: str
    blank: str


class AnswerView(BaseModel):
    """A way to go on."""

    key: str
    text: str
    chosen: bool


class StepView(BaseModel):
    """A step. A locked one has no words."""

    key: str
    said: bool  # false: something to do
    phrases: list[dict[str, list[PartView]]]  # each by language
    optional: bool
    repeatable: bool
    deed: str  # "hold" or "unhold": said with that deed
    locked: bool
    needs: str  # the rung of the proof that opens it
    ticks: int
    answers: list[AnswerView]


class ScriptView(BaseModel):
    """A script as far as it goes now."""

    call_id: str
    name: str
    title: str
    names: dict[str, str]  # every script that may be chosen, and its title
    language: Literal["id", "en"]  # of the call
    finished: bool
    steps: list[StepView]
    deeds: dict[str, str]  # deed → what is said with it, in the language of the call


class TickBody(BaseModel):
    """A step that was said or done, answered, or taken back."""

    model_config = ConfigDict(extra="forbid")

    script: str = Field(pattern=WORD)
    step: str = Field(pattern=WORD)
    done: bool = True
    answer: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,39})?$")


class SpellingBody(BaseModel):
    """A code to be spelled; and what was heard, to be checked."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field("", max_length=4 * LONGEST)
    heard: str = Field("", max_length=20 * LONGEST)
    language: Literal["id", "en"] = "id"


class SpokenView(BaseModel):
    """One character and its word."""

    character: str
    word: str


class SpellingView(BaseModel):
    """A code in groups of four, and what the heard words mean."""

    groups: list[list[SpokenView]]
    heard: str  # the code that was heard; empty: nothing was
    differs: list[int]  # places, from 1, where it is not the code
    matches: bool | None  # None: there was nothing to compare
    so_far: bool  # it is the beginning of the code


def script_view(
    shown: ShownScript,
    call_id: str,
    language: Literal["id", "en"],
    names: dict[str, str],
    deeds: dict[str, str],
) -> ScriptView:
    """Return a script as the API gives it."""
    steps = [
        StepView(
            key=step.key,
            said=step.said,
            phrases=[
                {
                    code: [PartView(text=one.text, blank=one.blank) for one in parts]
                    for code, parts in by.items()
                }
                for by in step.phrases
            ],
            optional=step.optional,
            repeatable=step.repeatable,
            deed=step.deed,
            locked=step.locked,
            needs=step.needs,
            ticks=step.ticks,
            answers=[AnswerView(key=one.key, text=one.text, chosen=one.chosen) for one in step.answers],
        )
        for step in shown.steps
    ]
    return ScriptView(
        call_id=call_id,
        name=shown.name,
        title=shown.title,
        names=names,
        language=language,
        finished=shown.finished,
        steps=steps,
        deeds=deeds,
    )

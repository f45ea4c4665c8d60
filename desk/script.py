"""The script of a call: steps that are ticked off, with the call's own values filled in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from desk.script_days import day, weekday
from desk.standing import Rung

BLANKS = (
    "nama_udara",  # the agent's on-air name
    "salam",  # pagi, siang or sore
    "penelepon",  # the name of who is spoken with
    "hari_panggilan",  # the weekday of the earlier call
    "tanggal_panggilan",  # its date
    "topik_panggilan",  # what it was about, by its category
)
"""The blanks that every script may have; a script's `fields` add those of its campaign."""

EMPTY = "…"  # what stands for a blank that is not known: the agent says it


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a phrase: words, or a blank."""

    text: str = ""
    blank: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing to say or to do, in each language."""

    parts: Mapping[str, Sequence[Part]]  # language → pieces in order


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come next."""

    names: Mapping[str, str]  # language → text
    next: str  # a step


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a script."""

    key: str
    phrases: Sequence[Phrase]
    said: bool = True  # False: something to do, not to say
    optional: bool = False
    repeatable: bool = False
    needs: Rung = Rung.ANONYMOUS  # locked, its words hidden, below this rung
    deed: str = ""  # "hold" or "unhold": said with that deed
    next: str = ""  # the step after it; empty: the one below it, or the end
    answers: Mapping[str, Answer] = field(default_factory=dict)  # word → where it leads


@dataclass(frozen=True, slots=True)
class Script:
    """One script. The first step is where it begins."""

    name: str
    titles: Mapping[str, str]
    fields: Sequence[str]  # further blanks
    steps: Mapping[str, Step]  # in the order written; every `next` is filled in, "" is the end


@dataclass(frozen=True, slots=True)
class Tick:
    """One act of an agent on the script of a call: a step said, or taken back."""

    script: str
    step: str
    done: bool
    answer: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a call fills blanks with. None: not known, or not to be shown on the call's rung."""

    on_air_name: str = ""
    part_of_day: str = "morning"  # as the callers are greeted: morning, noon or afternoon
    name: str | None = None
    earlier_at: datetime | None = None  # of the call that is followed up; aware
    earlier_topic: Mapping[str, str] = field(default_factory=dict)  # language → category's name
    fields: Mapping[str, str] = field(default_factory=dict)  # of the campaign or its contact
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # blank → language → text


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A piece of a phrase as it is shown. `blank` names what is filled in; it may still be empty."""

    text: str
    blank: str = ""


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """A way to go on."""

    key: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as an agent sees it. A locked step has no words."""

    key: str
    said: bool
    phrases: Sequence[Mapping[str, Sequence[ShownPart]]]  # language → pieces
    optional: bool
    repeatable: bool
    deed: str
    locked: bool
    needs: str  # the rung that opens it, by name; empty when it is open
    ticks: int  # how often it was done
    answers: Sequence[ShownAnswer]


@dataclass(frozen=True, slots=True)
class ShownScript:
    """A script as far as it goes now: up to the first question that is not answered."""

    name: str
    title: str
    steps: Sequence[ShownStep]
    finished: bool  # the last step was reached and every step that is not optional is done


class TicksUnavailable(Exception):
    """Ticks cannot be written or read at the moment."""


class Ticks(Protocol):
    """Keeps what was ticked, per call and agent."""

    async def add(self, call_id: str, staff_id: str, tick: Tick, at: datetime) -> None:
        """Make a tick durable. Raises TicksUnavailable."""
        ...

    async def of(self, call_id: str, staff_id: str) -> Sequence[Tick]:
        """Return an agent's ticks on a call, oldest first. Raises TicksUnavailable."""
        ...


class BadTick(ValueError):
    """A tick that the script does not take. The message says why."""


_GREETINGS = {
    "morning": {"id": "pagi", "en": "morning"},
    "noon": {"id": "siang", "en": "day"},
    "afternoon": {"id": "sore", "en": "afternoon"},
}


def walk(script: Script, ticks: Sequence[Tick]) -> Sequence[Step]:
    """Return the steps up to the first question that was not answered, in order."""
    chosen = answers(script, ticks)
    key, found = next(iter(script.steps)), []
    while key:
        step = script.steps[key]
        found.append(step)
        if step.answers:
            answer = step.answers.get(chosen.get(key, ""))
            if answer is None:
                break
            key = answer.next
        else:
            key = step.next
    return found


def counts(script: Script, ticks: Sequence[Tick]) -> Mapping[str, int]:
    """Return how often each step stands as done."""
    found: dict[str, int] = {}
    for tick in ticks:
        if tick.script == script.name:
            now = found.get(tick.step, 0)
            found[tick.step] = now + 1 if tick.done else max(0, now - 1)
    return found


def answers(script: Script, ticks: Sequence[Tick]) -> Mapping[str, str]:
    """Return the answer in force at each question."""
    found: dict[str, str] = {}
    for tick in ticks:
        if tick.script == script.name and tick.answer:
            found[tick.step] = tick.answer if tick.done else ""
    return found


def check(script: Script, ticks: Sequence[Tick], tick: Tick, rung: Rung) -> bool:
    """Whether a tick changes anything. Raises BadTick: unknown, locked, or not on the way."""
    step = script.steps.get(tick.step)
    if step is None:
        raise BadTick("The script has no such step. Remedy: load the script again.")
    if rung < step.needs:
        raise BadTick(f"The step is locked until the proof reaches {step.needs.name}.")
    if step not in walk(script, ticks):
        raise BadTick("The step is not on the way that was taken. Remedy: answer the question before it.")
    if bool(tick.answer) != bool(step.answers) or (tick.answer and tick.answer not in step.answers):
        known = ", ".join(step.answers) or "none"
        raise BadTick(f"The step's answers are: {known}.")
    done = counts(script, ticks).get(step.key, 0)
    if not tick.done:
        return done > 0
    if step.answers:
        return answers(script, ticks).get(step.key) != tick.answer
    return step.repeatable or done == 0


def show(script: Script, ticks: Sequence[Tick], facts: Facts, rung: Rung, language: str) -> ShownScript:
    """Return a script as it is shown. What a rung does not open yet is not in it."""
    done, chosen = counts(script, ticks), answers(script, ticks)
    way = walk(script, ticks)
    steps = [_shown(step, done, chosen, facts, rung, language) for step in way]
    over = not way[-1].next and not way[-1].answers
    finished = over and all(shown.ticks or shown.optional for shown in steps)
    return ShownScript(script.name, script.titles[language], steps, finished)


def deeds(script: Script, facts: Facts, language: str) -> Mapping[str, str]:
    """Return what is said with a deed: deed → phrase, for the buttons."""
    return {
        step.deed: "".join(part.text for part in _filled(step.phrases[0], facts)[language])
        for step in script.steps.values()
        if step.deed
    }


def _shown(
    step: Step, done: Mapping[str, int], chosen: Mapping[str, str], facts: Facts, rung: Rung, language: str
) -> ShownStep:
    locked = rung < step.needs
    # A question's tick is its answer; it stands or it does not.
    ticks = bool(chosen.get(step.key)) if step.answers else done.get(step.key, 0)
    return ShownStep(
        key=step.key,
        said=step.said,
        phrases=[] if locked else [_filled(phrase, facts) for phrase in step.phrases],
        optional=step.optional,
        repeatable=step.repeatable,
        deed=step.deed,
        locked=locked,
        needs=step.needs.name.lower() if locked else "",
        ticks=int(ticks),
        answers=[
            ShownAnswer(key, answer.names[language], chosen.get(step.key) == key)
            for key, answer in step.answers.items()
        ],
    )


def _filled(phrase: Phrase, facts: Facts) -> Mapping[str, Sequence[ShownPart]]:
    return {
        language: [
            ShownPart(_value(part.blank, facts, language) or EMPTY if part.blank else part.text, part.blank)
            for part in parts
        ]
        for language, parts in phrase.parts.items()
    }


def _value(blank: str, facts: Facts, language: str) -> str:
    match blank:
        case "nama_udara":
            return facts.on_air_name
        case "salam":
            return _GREETINGS.get(facts.part_of_day, {}).get(language, "")
        case "penelepon":
            return facts.name or ""
        case "hari_panggilan":
            return weekday(facts.earlier_at, language)
        case "tanggal_panggilan":
            return day(facts.earlier_at, language)
        case "topik_panggilan":
            return facts.earlier_topic.get(language, "")
        case _:
            return facts.said.get(blank, {}).get(language) or facts.fields.get(blank, "")

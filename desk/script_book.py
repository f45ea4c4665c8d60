"""Reads scripts out of YAML and refuses mistakes, each with file, line and remedy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from call_flows.problems import FlowProblem, did_you_mean
from desk.script import BLANKS, Answer, Part, Phrase, Script, Step
from desk.standing import Rung
from desk.tables import BadTable, Fields

SHIPPED = Path(__file__).parent / "scripts"
"""The folder of the scripts in force."""

DEEDS = ("hold", "unhold")
_RUNGS = {rung.name.lower(): rung for rung in Rung}
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BLANK = re.compile(r"\{([^{}]*)\}")
_STEP_FIELDS = ("say", "do", "optional", "repeatable", "needs", "deed", "next", "answers")


@lru_cache(maxsize=4)
def load_scripts(folder: Path = SHIPPED) -> Mapping[str, Script]:
    """Read every script of a folder, by name, once. Raises desk.tables.BadTable with every mistake."""
    scripts: dict[str, Script] = {}
    problems: list[FlowProblem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            script = read_script(path)
        except BadTable as error:
            problems.extend(error.problems)
            continue
        if script.name in scripts:
            what = f"the script `{script.name}` is there in another file too"
            problems.append(FlowProblem(path.name, 1, what, "Give it another name"))
        scripts[script.name] = script
    if problems:
        raise BadTable(problems)
    return scripts


def read_script(path: Path) -> Script:
    """Read one script. Raises desk.tables.BadTable with every mistake."""
    file = Fields.load(path)
    file.only("script", "from", "source", "title", "fields", "steps")
    file.day("from")
    name = _word(file, "script")
    fields = file.words("fields")
    part = file.part("steps")
    steps = {key: _step(key, entry, (*BLANKS, *fields)) for key, entry in part.parts()}
    if not steps:
        file.wrong("steps", "the script has no step", "Add one below `steps:`")
    _check_ways(part, steps)
    script = Script(name, file.part("title").both(), fields, _in_order(steps))
    file.done()
    return script


def _step(key: str, entry: Fields, blanks: Sequence[str]) -> Step:
    entry.only(*_STEP_FIELDS)
    if _WORD.fullmatch(key) is None:
        entry.wrong(key, f"`{key}` is no name of a step", "Small letters, digits and _")
    said = entry.has("say")
    if said == entry.has("do"):
        entry.wrong("say", f"`{key}` needs either `say` or `do`", "`say` is spoken, `do` is an instruction")
    phrases = [_phrase(part, blanks) for part in entry.one_or_many("say" if said else "do")]
    needs, deed = entry.text("needs", "anonymous"), entry.text("deed", "")
    if needs not in _RUNGS:
        entry.wrong("needs", f"`{needs}` is no rung", did_you_mean(needs, _RUNGS))
    if deed and deed not in DEEDS:
        entry.wrong("deed", f"`{deed}` is no deed", did_you_mean(deed, DEEDS))
    step = Step(
        key,
        phrases,
        said,
        entry.flag("optional"),
        entry.flag("repeatable"),
        _RUNGS.get(needs, Rung.FULL),
        deed,
        entry.text("next", ""),
        _answers(entry) if entry.has("answers") else {},
    )
    if step.answers and step.next:
        entry.wrong("next", f"`{key}` has answers, each with its own next", "Remove `next`")
    if step.answers and step.repeatable:
        entry.wrong("repeatable", f"`{key}` is a question: it has one answer", "Remove `repeatable`")
    return step


def _answers(entry: Fields) -> Mapping[str, Answer]:
    return {key: Answer(part.both("next"), part.text("next")) for key, part in entry.part("answers").parts()}


def _phrase(part: Fields, blanks: Sequence[str]) -> Phrase:
    return Phrase({language: _parts(part, language, text, blanks) for language, text in part.both().items()})


def _parts(entry: Fields, language: str, text: str, blanks: Sequence[str]) -> Sequence[Part]:
    found: list[Part] = []
    for index, piece in enumerate(_BLANK.split(text)):
        if index % 2:
            if piece not in blanks:
                entry.wrong(language, f"{{{piece}}} is no blank", did_you_mean(piece, blanks))
            found.append(Part(blank=piece))
        elif "{" in piece or "}" in piece:
            entry.wrong(language, "a brace without its partner", "Write blanks as {salam}")
        elif piece:
            found.append(Part(piece))
    return found


def _check_ways(part: Fields, steps: Mapping[str, Step]) -> None:
    """Note targets that are not there, and steps that lead back: a script only goes on."""
    order = {key: place for place, key in enumerate(steps)}
    for key, step in steps.items():
        for target in _targets(step):
            if target not in order:
                part.wrong(key, f"`{key}` leads to `{target}`, which is no step", did_you_mean(target, order))
            elif order[target] <= order[key]:
                part.wrong(key, f"`{key}` leads back to `{target}`", "Lead to a step below; use `repeatable`")


def _targets(step: Step) -> Iterable[str]:
    return [step.next] if step.next else [answer.next for answer in step.answers.values()]


def _in_order(steps: Mapping[str, Step]) -> Mapping[str, Step]:
    """Return the steps, each that says nothing else leading to the one below it."""
    following = dict(pairwise([*steps, ""]))
    return {
        key: step if step.next or step.answers else replace(step, next=following[key])
        for key, step in steps.items()
    }


def _word(file: Fields, key: str) -> str:
    said = file.text(key)
    if said and _WORD.fullmatch(said) is None:
        file.wrong(key, f"`{said}` is no name", "Small letters, digits and _")
    return said

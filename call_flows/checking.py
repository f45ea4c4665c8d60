"""Finds what is wrong with a book of flows as a whole: dead ends, circles, unreachable steps."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from call_flows.called import KNOWN_AT_ANSWER
from call_flows.known import Known
from call_flows.problems import FlowProblem
from call_flows.step import KEEP_WAITING, OUTSIDE, Step
from call_flows.verbs.call_back import BOOKED, CallBack
from call_flows.verbs.menu import Menu
from call_flows.verbs.open import OPEN, Open
from call_flows.verbs.queue import Queue

if TYPE_CHECKING:
    from call_flows.book import Flow

Steps = Mapping[str, Step]


def check(flows: "Mapping[str, Flow]", steps: Steps, known: Known) -> list[FlowProblem]:
    """Return every problem of linked steps."""
    dialled = {flow.steps[0] for flow in flows.values() if flow.numbers and flow.steps}
    called = {flow.steps[0] for flow in flows.values() if flow.called and flow.steps}
    entries = dialled | called
    if not dialled:
        flow = next(iter(flows.values()))
        return [FlowProblem(flow.file, 1, "no flow has a number", "Write `numbers: [1500200]`")]
    return [
        *_unreachable(entries, steps),
        *_endless(steps),
        *_circles(steps),
        *_without_person(steps),
        *_beside_the_line(entries, steps),
        *_after_talks(steps),
        *_unspoken(dialled, called, steps, known),
    ]


def keys_can_be_used(start: str, steps: Steps) -> bool:
    """Return whether a key typed ahead at a step can come to use; a queue forgets such keys."""
    return any(
        steps[name].takes_keys for name in _reach([start], steps, through=lambda s: not isinstance(s, Queue))
    )


def _problem(step: Step, what: str, remedy: str) -> FlowProblem:
    return FlowProblem(step.file, step.line, f"step `{step.name.split('.')[1]}`: {what}", remedy)


def _reach(starts: Iterable[str], steps: Steps, through: Callable[[Step], bool] = lambda _: True) -> set[str]:
    found: set[str] = set()
    todo = list(starts)
    while todo:
        name = todo.pop()
        if name in found or name in OUTSIDE:
            continue
        found.add(name)
        if through(steps[name]):
            todo.extend(steps[name].exits().values())
    return found


def _unreachable(entries: set[str], steps: Steps) -> Iterator[FlowProblem]:
    reached = _reach(entries, steps)
    for name, step in steps.items():
        if name not in reached:
            yield _problem(step, "no call can ever come here", "Lead a step to it, or remove it")


def _endless(steps: Steps) -> Iterator[FlowProblem]:
    """Find steps from which no end can be reached, however the caller chooses."""
    ending = {
        name for name, step in steps.items() if not step.exits() or OUTSIDE & set(step.exits().values())
    }
    grown = True
    while grown:
        more = {
            name
            for name, step in steps.items()
            if name not in ending and any(target in ending for target in step.exits().values())
        }
        ending |= more
        grown = bool(more)
    for name, step in steps.items():
        if name not in ending:
            yield _problem(step, "a call that comes here never ends", "Lead it to a `hang_up` or a `queue`")


def _circles(steps: Steps) -> Iterator[FlowProblem]:
    """Find circles that a caller who does nothing would go round for ever."""
    for name, step in steps.items():
        after = _reach_silently(step.silent_exits().values(), steps)
        if name in after:
            remedy = "Lead `otherwise` to a person or to an end"
            yield _problem(step, "a caller who does nothing goes round in a circle", remedy)


def _reach_silently(starts: Iterable[str], steps: Steps) -> set[str]:
    found: set[str] = set()
    todo = list(starts)
    while todo:
        name = todo.pop()
        if name not in found and name not in OUTSIDE:
            found.add(name)
            todo.extend(steps[name].silent_exits().values())
    return found


def _without_person(steps: Steps) -> Iterator[FlowProblem]:
    for step in steps.values():
        if isinstance(step, Menu):
            zero = step.keys.get("0", "")
            if not _leads_to_queue(zero, steps):
                yield _problem(step, "key 0 does not lead to a person", "Write `0:` with a step that queues")


def _leads_to_queue(start: str, steps: Steps) -> bool:
    """Return whether every way from a step comes to a queue before the caller is asked again."""
    todo, seen = [start], set()
    while todo:
        name = todo.pop()
        if name == KEEP_WAITING:
            continue
        step = steps.get(name)
        if step is None or step.takes_keys or not step.exits():
            return False
        if name not in seen and not isinstance(step, Queue):
            # Nobody is there while the line is closed: the caller is told so.
            todo.extend([step.answers[OPEN]] if isinstance(step, Open) else step.exits().values())
        seen.add(name)
    return True


def _beside_the_line(entries: set[str], steps: Steps) -> Iterator[FlowProblem]:
    """Find steps that mistake whether the caller who comes to them still waits in line."""
    found: set[tuple[str, bool]] = set()
    todo = [(name, False) for name in entries]
    while todo:
        here = name, waits = todo.pop()
        if name in OUTSIDE or here in found:
            continue
        found.add(here)
        step = steps[name]
        for word, target in step.exits().items():
            if isinstance(step, Queue):
                after = word == "callback"
            else:
                after = waits and not (isinstance(step, CallBack) and word == BOOKED)
            todo.append((target, after))
    for name, waits in sorted(found):
        yield from _misplaced(steps[name], waits)


def _misplaced(step: Step, waits: bool) -> Iterator[FlowProblem]:
    if waits and isinstance(step, Queue):
        yield _problem(step, "the caller waits in line already", f"Lead back with `{KEEP_WAITING}`")
    elif waits and not step.exits():
        yield _problem(step, "a caller who waits in line is hung up", f"Lead back with `{KEEP_WAITING}`")
    elif not waits and isinstance(step, CallBack):
        yield _problem(step, "the caller does not wait in line", "Lead here by a queue's `callback:` only")
    elif not waits and KEEP_WAITING in step.exits().values():
        remedy = "Only what follows a queue's `callback:` may lead back there"
        yield _problem(step, f"`{KEEP_WAITING}`, but the caller does not wait in line", remedy)


def _after_talks(steps: Steps) -> Iterator[FlowProblem]:
    for step in steps.values():
        if isinstance(step, Queue) and step.after_talk and not isinstance(steps.get(step.after_talk), Queue):
            yield _problem(step, "`after_talk:` does not lead to a queue", "Lead it to a step that queues")


def _unspoken(dialled: set[str], called: set[str], steps: Steps, known: Known) -> Iterator[FlowProblem]:
    """Find prompts and look-ups that need a fact which some way to them has not brought."""
    nothing: frozenset[str] = frozenset()
    entries = {**dict.fromkeys(called, KNOWN_AT_ANSWER), **dict.fromkeys(dialled, nothing)}
    for name, facts in _facts_at(entries, steps).items():
        step = steps[name]
        own = {fact for word in step.exits() for fact in step.gives(word)}
        for missing in sorted(step.needs() - facts):
            yield _problem(step, f"`{missing}` may not be known here", "Collect it on every way to this step")
        for prompt in sorted({prompt for spoken in step.said() for prompt in spoken.names}):
            values = known.prompts[prompt].values if prompt in known.prompts else ()
            for missing in sorted(set(values) - facts):
                what = f"prompt `{prompt}` speaks `{missing}`, which may not be known here"
                remedy = (
                    "It is known only after this step" if missing in own else "Bring it on every way here"
                )
                yield _problem(step, what, remedy)


def _facts_at(entries: Mapping[str, frozenset[str]], steps: Steps) -> dict[str, frozenset[str]]:
    """Return for each reachable step the facts known on entering it by whatever way."""
    known_at = dict(entries)
    todo = list(entries)
    while todo:
        name = todo.pop()
        step = steps[name]
        kept = known_at[name] - step.drops()
        for word, target in step.exits().items():
            if target in OUTSIDE:
                continue
            facts = kept | step.gives(word)
            before = known_at.get(target)
            now = facts if before is None else before & facts
            if now != before:
                known_at[target] = now
                todo.append(target)
    return known_at

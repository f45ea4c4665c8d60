"""What can be wrong with a flow, told so that its author can mend it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class FlowProblem:
    """One mistake in a flow file."""

    file: str
    line: int  # counted from 1
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return `file:line: what. remedy`."""
        return f"{self.file}:{self.line}: {self.what}" + (f". {self.remedy}" if self.remedy else "")


class FlowError(Exception):
    """The flows cannot be used: `problems` lists every mistake found."""

    def __init__(self, problems: Iterable[FlowProblem]) -> None:
        self.problems: Sequence[FlowProblem] = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a remedy: the known words nearest to a word, or all of them if they are few."""
    choices = sorted(known)
    near = get_close_matches(word, choices, n=2, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(f'`{name}`' for name in near)}?"
    if 0 < len(choices) <= 12:
        return f"Known: {', '.join(choices)}"
    return ""

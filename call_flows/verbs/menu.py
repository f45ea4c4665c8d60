"""`menu`: offer choices by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.asking import Asking, Question
from call_flows.problems import FlowProblem
from call_flows.reading import Table
from call_flows.step import Visit
from domain.calls import EventKind

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken, StepText

REPEAT = "repeat"
TYPED_AHEAD = "typed_ahead"
KEYS = {**{digit: digit for digit in "0123456789"}, "star": "*", "pound": "#"}
LONGEST_WAIT = 60  # seconds; a silent caller is asked again well before


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Question):
    """Plays the choices, takes one key, asks again after silence or a wrong key."""

    verb: ClassVar[str] = "menu"

    keys: Mapping[str, str]  # key as pressed → `flow.step` or REPEAT
    # Where a caller goes whose key came too early to be meant for this question; empty: the key is taken.
    typed_ahead: str

    @classmethod
    def compile(cls, text: StepText) -> Menu:
        """Read `menu`, `keys`, `wait`, `tries`, `otherwise`, optionally `silence`, `wrong`, `typed_ahead`."""
        text.refuse_unused({"menu", "keys", "wait", "tries", "silence", "wrong", TYPED_AHEAD, "otherwise"})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            prompts=text.prompts("menu"),
            keys=_keys(text),
            wait=text.duration("wait", LONGEST_WAIT),
            tries=text.count("tries", most=5),
            silence=text.prompts("silence", default="no_key"),
            wrong=text.prompts("wrong", default="wrong_key"),
            typed_ahead=text.target(TYPED_AHEAD) if text.has(TYPED_AHEAD) else "",
            otherwise=text.target("otherwise"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return each key that leads on, `typed_ahead` if it is written, and `otherwise`."""
        keys = {_spelt(key): target for key, target in self.keys.items() if target != REPEAT}
        ahead = {TYPED_AHEAD: self.typed_ahead} if self.typed_ahead else {}
        return {**keys, **ahead, "otherwise": self.otherwise}

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Choosing(call, self)


def _spelt(key: str) -> str:
    return {"*": "star", "#": "pound"}.get(key, key)


def _keys(text: StepText) -> dict[str, str]:
    node = text.node("keys")
    if not isinstance(node, Table):
        if node is not None:
            text.problem(node, "`keys:` must say which key leads where", "Write `keys: {1: step, 0: person}`")
        return {}
    keys: dict[str, str] = {}
    for word, target in node.entries.items():
        if word in KEYS:
            keys[KEYS[word]] = text.resolve(target, reserved=frozenset({REPEAT}))
        else:
            what = f"step `{text.name}`: `{word}` is no key of a telephone"
            remedy = "Keys are 0 to 9, star and pound"
            text.problems.append(FlowProblem(node.file, node.key_lines[word], what, remedy))
    return keys


class _Choosing(Asking[Menu]):
    __slots__ = ()

    def begin(self) -> None:
        if self.call.keys:
            self.keys_waiting()
        else:
            self.call.play(*self.step.prompts)

    def keys_waiting(self) -> None:
        self.call.stop_playing()
        self.call.cancel_timer(self.timer)
        if self.step.typed_ahead and self.too_early():
            self.call.go(self.step.typed_ahead)
            return
        remark: tuple[Spoken, ...] = ()
        while self.call.keys:
            key = self.call.keys.popleft()
            target = self.step.keys.get(key)
            if target is None:
                remark = self.step.wrong
                if self.in_vain():
                    return
                continue
            data = {"menu": self.step.name, "key": key, "target": target}
            self.call.record(EventKind.CHOSE, data)
            if target != REPEAT:
                self.call.go(target)
                return
            remark = ()
        self.call.play(*remark, *self.step.prompts)

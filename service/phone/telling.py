"""A call as lines of text or of JSON, while it happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from service.phone.calls import Ended, Happening, PhoneCall, Pressed
from service.phone.ear import Heard
from service.phone.script import Deed, Press, shown_keys

Line = Callable[[str], None]


class Teller:
    """Turns what happens in one call into lines: one for each prompt, run of keys, and the end.

    Keys are shown as the script's parts show them (long runs masked) when the part's first key
    goes down. Without a script, keys appear when `flush` is called.
    """

    def __init__(self, write: Line, as_json: bool = False, script: tuple[Deed, ...] = ()) -> None:
        self._write = write
        self._json = as_json
        self._runs = _runs(script)
        self._left = 0  # keys of the run being pressed that are still to come
        self._typed: list[tuple[float, str]] = []
        self._told: set[int] = set()

    def __call__(self, call: PhoneCall, happening: Happening) -> None:
        """Tell what happened; made to be a call's `watch`."""
        match happening:
            case Heard():
                self._hear(call, happening)
            case Pressed(key, down):
                self._press(call, key, down)
            case Ended():
                self.flush()
                self._end(call, happening)

    def flush(self) -> None:
        """Tell the keys typed so far that belong to no script."""
        if self._typed:
            keys = shown_keys("".join(key for _, key in self._typed))
            self._tell(self._typed[0][0], "presses", keys, keys=keys)
            self._typed.clear()

    def _hear(self, call: PhoneCall, heard: Heard) -> None:
        # Told once, when it is recognised; its end is told only to programs.
        at = call.clock(call.time_of(heard.began))
        fields = {"prompt": heard.name, "language": heard.language, "kind": heard.kind}
        if id(heard) not in self._told:
            self._told.add(id(heard))
            said = f' "{heard.text}"' if heard.text else ""
            self._tell(at, "hears", f"{heard.name}{said}", **fields, says=heard.text)
        elif self._json and heard.ended is not None:
            ended = call.clock(call.time_of(heard.ended))
            self._tell(ended, "heard", "", **fields, began=round(at, 3), complete=heard.complete)

    def _press(self, call: PhoneCall, key: str, down: float) -> None:
        if self._left:
            self._left -= 1
        elif (run := next(self._runs, None)) is not None:
            shown, count = run
            self._left = count - 1
            self._tell(call.clock(down), "presses", shown, keys=shown)
        else:
            self._typed.append((call.clock(down), key))

    def _end(self, call: PhoneCall, ended: Ended) -> None:
        who = {"phone": "this phone hung up", "far_end": "the far end hung up"}.get(ended.by, ended.reason)
        if call.answered_at is None:
            who = "not answered"
        self._tell(
            call.clock(ended.at),
            "ended",
            f"{ended.status} {ended.reason}, {who}, {ended.duration:.1f} s",
            status=ended.status,
            reason=ended.reason,
            by=ended.by,
            answered=call.answered_at is not None,
            duration=round(ended.duration, 3),
        )

    def _tell(self, at: float, event: str, shown: str, **fields: object) -> None:
        if self._json:
            self._write(json.dumps({"at": round(at, 3), "event": event, **fields}, ensure_ascii=False))
        else:
            minutes, seconds = divmod(max(0.0, at), 60)
            self._write(f"{int(minutes):02d}:{seconds:04.1f}  {event:<7}  {shown}")


def _runs(script: tuple[Deed, ...]) -> Iterator[tuple[str, int]]:
    """Yield what to show for each part that presses keys, and how many keys it presses."""
    for deed in script:
        if isinstance(deed, Press):
            yield deed.shown(), len(deed.keys)

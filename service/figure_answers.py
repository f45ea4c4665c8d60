"""Figures in the running service: asked of a process of its own, which lives as long as the service.

It is started when the first question comes, and again with the next one when it has ended: what was asked
meanwhile is refused as figures that cannot be read. Every method raises what the ports' own do.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, TypeVar

import msgspec
import structlog

from reporting.asking import CallSeen, FiguresUnavailable, Line, Question, Within
from reporting.own_day import OwnDay
from service.apart import end_apart, start_apart, without_secrets
from service.figure_answers_wire import (
    AskCalls,
    Asked,
    AskLines,
    AskOwn,
    AskReport,
    Frame,
    Kind,
    Place,
    Refusal,
    packed,
    read_frame,
    sent,
)
from service.tree import Part, end_task

PROCESS = "service.figure_answers_process"
WITHIN = 300.0  # seconds for one answer
_END_WITHIN = 3.0  # seconds that the process is given to end

log = structlog.get_logger("kring.figures")
T = TypeVar("T")


@dataclass(slots=True)
class _Waiting:
    """Somebody who waits for an answer."""

    whole: asyncio.Future[Sequence[bytes]]
    parts: list[bytes] = field(default_factory=list)


class _Talk:
    """The talk with one process."""

    def __init__(self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self._numbers = count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._listening = asyncio.create_task(self._listen(), name="figure-answers")

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._listening.done()

    async def tell(self, frame: Frame) -> None:
        """Send a frame. Raises OSError."""
        self._writer.write(packed(frame))
        await self._writer.drain()

    async def ask(self, asked: Asked) -> Sequence[bytes]:
        """Return the parts of an answer. Raises what it is refused for; ConnectionError: the end."""
        number = next(self._numbers) % (1 << 32)
        waiting = _Waiting(asyncio.get_running_loop().create_future())
        self._waiting[number] = waiting
        try:
            if self.is_over:
                raise ConnectionError("the process has ended")
            await self.tell(Frame(number, Kind.LAST, sent(asked)))
            return await waiting.whole
        finally:
            self._waiting.pop(number, None)  # who left is told nothing any more

    async def end(self) -> None:
        """End the process."""
        await end_apart(self._process, _END_WITHIN)
        await end_task(self._listening)

    async def _listen(self) -> None:
        try:
            while True:
                self._heard(await read_frame(self._reader))
        except (asyncio.IncompleteReadError, OSError):
            log.info("the process that answers about figures has ended")
        finally:
            for one in self._waiting.values():
                if not one.whole.done():
                    one.whole.set_exception(ConnectionError("the process has ended"))

    def _heard(self, frame: Frame) -> None:
        waiting = self._waiting.get(frame.number)
        if waiting is None or waiting.whole.done():
            return
        if frame.kind is Kind.REFUSED:
            waiting.whole.set_exception(msgspec.json.decode(frame.body, type=Refusal).error())
            return
        waiting.parts.append(frame.body)
        if frame.kind is Kind.LAST:
            waiting.whole.set_result(waiting.parts)


class FiguresApart(Part):
    """A `reporting.asking.Figures` and `reporting.own_day.OwnDays` in a process of its own."""

    name = "figure-answers"

    def __init__(self, place: Place, within: float = WITHIN, module: str = PROCESS) -> None:
        """`within`: seconds for one answer."""
        self._place, self._within, self._module = place, within, module
        self._talk: _Talk | None = None
        self._starting = asyncio.Lock()

    async def lines(self, question: Question) -> Sequence[Line]:
        """Return the lines, by interval and key."""
        return await self._read(AskLines(question), Line)

    async def recomputed(self, question: Question) -> Sequence[Line]:
        """Return the same from the event log alone."""
        return await self._read(AskLines(question, anew=True), Line)

    async def calls(
        self, question: Question, count: str, limit: int = 100, after: str = "", within: Within | None = None
    ) -> Sequence[CallSeen]:
        """Return the calls behind a count, oldest first."""
        return await self._read(AskCalls(question, count, limit, after, within), CallSeen)

    async def own(self, agent: str, day: date) -> OwnDay:
        """Return one agent's work on a day of the office."""
        return msgspec.json.decode(b"".join(await self.asked(AskOwn(agent, day))), type=OwnDay)

    async def report(self, asked: AskReport) -> bytes:
        """Return a document as JSON. Raises NotAsked, FiguresUnavailable, TooLong, BadReport."""
        return b"".join(await self.asked(asked))

    async def asked(self, asked: Asked) -> Sequence[bytes]:
        """Return the parts of an answer, as JSON."""
        try:
            async with asyncio.timeout(self._within):
                return await (await self._ready()).ask(asked)
        except (OSError, TimeoutError) as error:
            log.warning("figures were not answered", kind=type(error).__name__)
            raise FiguresUnavailable("the process that answers about figures does not answer") from error

    async def end(self) -> None:
        """End the process."""
        if self._talk is not None:
            await self._talk.end()
            self._talk = None

    async def _ready(self) -> _Talk:
        async with self._starting:
            if self._talk is not None and self._talk.is_over:
                await self._talk.end()
                self._talk = None
            if self._talk is None:
                process = await start_apart(self._module, environ=without_secrets())
                if process.stdin is None or process.stdout is None:
                    raise RuntimeError("a process without pipes")
                self._talk = _Talk(process, process.stdout, process.stdin)
                await self._talk.tell(Frame(0, Kind.LAST, sent(self._place)))
            return self._talk

    async def _read(self, asked: Asked, kind: type[T]) -> list[T]:
        found: list[T] = []
        wanted: Any = list[kind]  # type: ignore[valid-type]
        for part in await self.asked(asked):
            found += msgspec.json.decode(part, type=wanted)
            await asyncio.sleep(0)  # calls between two parts
        return found

"""The process that answers about figures while the service runs: `python -m service.figure_answers_process`.

Counting a busy day and adding up a year take seconds of the processor: here, at a low priority, no call waits
for them. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from desk.branches import load_branches
from domain.clock import SystemClock
from reporting.reports_document import cut
from reporting.reports_words import ReportWords
from service.figure_answers_wire import (
    AskCalls,
    Asked,
    AskLines,
    AskOwn,
    AskReport,
    Frame,
    Kind,
    Place,
    packed,
    parts_of,
    read_frame,
    refusal_of,
    sent,
)
from service.figures_part import FiguresPart, make_figures
from service.report_making import ReportMaking, report_words
from service.worker_main import run_worker
from storage.database import Database
from storage.vault import Vault
from web.figure_people import People
from web.figure_words import FigureWords
from web.texts import Texts

_NICE = 10  # calls come first
_asked: msgspec.json.Decoder[Asked] = msgspec.json.Decoder(Asked)


class Answers:
    """Answers questions, each as parts to be sent. Raises what the ports raise."""

    def __init__(self, part: FiguresPart) -> None:
        self._part = part
        self._texts: Texts | None = None  # read when the first report is asked for

    async def of(self, asked: Asked) -> Iterable[bytes]:
        """Return the parts of an answer."""
        figures = self._part.figures
        match asked:
            case AskLines():
                ask = figures.recomputed if asked.anew else figures.lines
                return parts_of(await ask(asked.question))
            case AskCalls():
                return parts_of(
                    await figures.calls(asked.question, asked.count, asked.limit, asked.after, asked.within)
                )
            case AskOwn():
                return [sent(await self._part.own.own(asked.agent, asked.day))]
            case AskReport():
                return [await self._report(asked)]

    async def _report(self, asked: AskReport) -> bytes:
        texts = self._texts if self._texts is not None else await asyncio.to_thread(Texts.load)
        self._texts = texts

        async def words(language: str) -> ReportWords:
            named = FigureWords(texts, language, People(asked.people), load_branches(), asked.campaigns)
            return report_words(named, texts)

        async def numbers() -> Mapping[str, str]:
            return asked.numbers

        making = ReportMaking(self._part.figures, words, numbers, SystemClock())
        document = await making.document(asked.definition, asked.days, asked.team)
        return await asyncio.to_thread(sent, document if asked.rows is None else cut(document, asked.rows))


class Talk:
    """The talk with the service: reads questions, and answers each in a task of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()

    async def place(self) -> Place:
        """Return what comes first."""
        return msgspec.json.decode((await read_frame(self._reader)).body, type=Place)

    async def answer(self, answers: Answers) -> None:
        """Answer until nothing more comes. Raises asyncio.IncompleteReadError then."""
        while True:
            frame = await read_frame(self._reader)
            task = asyncio.create_task(self._answer(answers, frame))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, answers: Answers, frame: Frame) -> None:
        try:
            parts = iter(await answers.of(_asked.decode(frame.body)))
            part = next(parts)
            for following in parts:
                await self._send(Frame(frame.number, Kind.PART, part))
                part = following
            last = Frame(frame.number, Kind.LAST, part)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, and the next question answered
            last = Frame(frame.number, Kind.REFUSED, sent(refusal_of(error)))
        await self._send(last)

    async def _send(self, frame: Frame) -> None:
        async with self._sending:
            self._writer.write(packed(frame))
            await self._writer.drain()


async def _streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return the input and output for frames; whatever else is printed goes where errors go."""
    loop = asyncio.get_running_loop()
    frames = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, frames)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _serve() -> None:
    talk = Talk(*await _streams())
    place = await talk.place()
    database, vault = Database.open(place.database), Vault.load(Path(place.key_file))
    await talk.answer(Answers(make_figures(database, vault, SystemClock())))


async def _until_over() -> None:
    try:
        await _serve()
    except asyncio.IncompleteReadError:
        # Threads may still count for somebody who is there no more: nothing of it is kept.
        os._exit(0)


def main() -> int:
    """Answer until the service ends."""
    os.nice(_NICE)
    asyncio.run(_until_over())
    return 0


if __name__ == "__main__":
    run_worker(main)

"""A question that somebody asked of figures, within their reach, and its answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from markupsafe import Markup

from reporting.asking import Dimension, Interval, Line
from reporting.counts import Counts
from web.figure_course import Course, course
from web.figure_desk import FigureDesk, Span, ordered
from web.figure_models import FigureAnswer, FigureSpan, FigureWanted
from web.figure_people import People
from web.figure_views import line_view
from web.figure_words import FigureWords
from web.guard import visitor_of
from web.visitor import Visitor

ON_PAGE = 100  # lines


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks what, with the words of the answer. The trail knows of it."""

    desk: FigureDesk
    visitor: Visitor
    wanted: FigureWanted
    span: Span
    by: tuple[Dimension, ...]
    only: Mapping[Dimension, frozenset[str]]
    words: FigureWords

    async def lines(self) -> Sequence[Line]:
        """Return every line, by interval and the names of groups. Raises as `FigureDesk.lines`."""
        found = await self.desk.lines(self.span, self.only, self.by, self.wanted.interval)
        return await ordered(found, self.words, self.by)

    async def answer(self, found: Sequence[Line]) -> FigureAnswer:
        """Return the lines of one page, and all days together. Raises as `FigureDesk.lines`."""
        start = self.wanted.start
        shown = found[start : start + ON_PAGE]
        end = start + len(shown)
        earlier = self.span.earlier(self.wanted.compare)
        return FigureAnswer(
            span=await self._whole(self.span),
            earlier=None if earlier is None else await self._whole(earlier),
            interval=self.wanted.interval,
            by=list(self.by),
            lines=[line_view(one, self.by, self.words, self.only) for one in shown],
            all_lines=len(found),
            more=end if end < len(found) else None,
        )

    async def course(self, found: Sequence[Line]) -> Markup | None:
        """Return the chart of the chosen figure; None: none can be drawn. Raises as `FigureDesk.lines`."""
        wanted, span = self.wanted, self.span
        asked = Course(wanted.figure, wanted.interval, self.by, span.first, span.last)
        earlier = span.earlier(wanted.compare)
        if earlier is None or self.by or wanted.interval is Interval.WHOLE:
            return await asyncio.to_thread(course, asked, found, self.words)
        then = await self.desk.lines(earlier, self.only, (), wanted.interval)
        return await asyncio.to_thread(course, asked, found, self.words, (earlier.first, then))

    async def _whole(self, span: Span) -> FigureSpan:
        found = await self.desk.lines(span, self.only)
        line = found[0] if found else Line((), None, Counts())
        return FigureSpan(first=span.first, last=span.last, total=line_view(line, (), self.words, self.only))


async def ask(desk: FigureDesk, request: Request, wanted: FigureWanted, act: str, **data: str) -> Asked:
    """Return a question within the visitor's reach, once the trail knows of it.

    Raises HTTPException 403, 404, 503; RequestValidationError: days that end before they begin.
    """
    people: People = await desk.people()
    visitor, span = visitor_of(request), desk.span(wanted)
    only = desk.only(visitor, wanted, people)
    by = wanted.groups
    await desk.did(
        visitor, act, first=span.first.isoformat(), last=span.last.isoformat(), by=",".join(by),
        interval=wanted.interval.value, narrowed=",".join(sorted(only)), **data,
    )  # fmt: skip
    return Asked(desk, visitor, wanted, span, by, only, await desk.words(request, people))

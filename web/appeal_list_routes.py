"""Compiled lists of scores, and how often contested items were decided otherwise."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from fastapi import HTTPException, Request, Response

from desk.working_days import WIB, office_day
from domain.ids import new_id
from recording.quality.appeals import AppealRefused, CompiledList, Decided
from recording.quality.scores import Kind, ScoreQuery, ScoreState
from web.appeal_models import CompileBody, HexId, ListView, RateRow, Rates, ReceiptBody
from web.appeal_port import AppealDoor, People
from web.appeal_views import AppealWords, rate
from web.days import DayOrNothing
from web.guard import visitor_of
from web.permissions import Permission

TAGS = ["appeals"]
_MOST = 5000  # scores of one list
_QUARTER = timedelta(days=90)


def add_list_routes(door: AppealDoor) -> None:
    """Add them."""
    _add_compiling(door)
    _add_receipts(door)
    _add_rates(door)


def _day(day: date) -> datetime:
    return datetime.combine(day, time(), WIB)


def _add_compiling(door: AppealDoor) -> None:
    shared, desk = door.shared, door.port.desk

    @shared.guard.post(
        "/api/compiled-lists",
        Permission.APPEAL_DECIDE,
        response_model=ListView,
        status_code=201,
        tags=TAGS,
    )
    async def compile_list(request: Request, body: CompileBody) -> Response:
        """Make a list of the scores of days on which the system was down; each agent confirms the receipt."""
        visitor, now = visitor_of(request), door.now()
        if not body.down_from <= body.down_until <= office_day(now):
            raise AppealRefused("days", "down_until")
        query = ScoreQuery(
            kinds=(Kind.REVIEW,),
            states=(ScoreState.FINAL, ScoreState.SIGNED),
            since=_day(body.down_from),
            until=_day(body.down_until) + timedelta(days=1),
            most=_MOST,
        )
        scores = await desk.on.scores.find(query)
        book = desk.on.book
        fresh = {one.score_id: one.agent for one in scores if await book.list_of(one.score_id) is None}
        if not fresh:
            raise AppealRefused("no_scores", "down_from")
        made = CompiledList(
            new_id(), visitor.staff.staff_id, now, body.why.strip(), body.down_from, body.down_until, fresh
        )
        await door.did(visitor, "compiled_list_made", f"compiled_list:{made.list_id}")
        await book.compile(made)
        words = AppealWords(door, door.language(request), visitor, await door.people())
        answer = shared.render.reply(request, words.list(made), "appeals/compiled.html", 201)
        answer.headers["HX-Refresh"] = "true"
        return answer


def _add_receipts(door: AppealDoor) -> None:
    shared, book = door.shared, door.port.desk.on.book

    async def received(request: Request, list_id: str, number: str, people: People, whose: str) -> Response:
        visitor = visitor_of(request)
        await door.did(visitor, "compiled_list_received", f"compiled_list:{list_id}", whose)
        try:
            found = await book.receive(list_id, number, door.now(), visitor.staff.staff_id)
        except KeyError as error:
            raise HTTPException(404, "appeals.no_such_list") from error
        words = AppealWords(door, door.language(request), visitor, people)
        answer = shared.render.reply(request, words.list(found), "appeals/compiled.html")
        answer.headers["HX-Refresh"] = "true"
        return answer

    @shared.guard.post(
        "/api/compiled-lists/{list_id}/receive",
        Permission.APPEAL_FILE,
        response_model=ListView,
        tags=TAGS,
    )
    async def receive_list(request: Request, list_id: HexId) -> Response:
        """Confirm that one has a list with one's own scores; the first receipt counts."""
        number = visitor_of(request).staff.number
        return await received(request, list_id, number, await door.people(), "")

    @shared.guard.post(
        "/api/compiled-lists/{list_id}/receipts",
        Permission.APPEAL_DECIDE,
        response_model=ListView,
        tags=TAGS,
    )
    async def note_receipt(request: Request, list_id: HexId, body: ReceiptBody) -> Response:
        """Note that an agent has a list; the first receipt counts."""
        people = await door.people()
        return await received(request, list_id, people.number(body.agent), people, body.agent)


def _add_rates(door: AppealDoor) -> None:
    shared = door.shared

    async def rates(request: Request, since: date | None, until: date | None) -> Rates:
        visitor, today = visitor_of(request), office_day(door.now())
        last = until or today
        first = since or last - _QUARTER
        await door.did(visitor, "appeal_rates_viewed", "appeals:rates")
        rows = await door.port.desk.on.book.decided(_day(first), _day(last) + timedelta(days=1))
        return await _rates(door, request, rows, first, last)

    @shared.guard.get(
        "/api/appeals/rates/overturned", Permission.REVIEW_PLAN, response_model=Rates, tags=TAGS
    )
    async def overturned(
        request: Request, since: DayOrNothing = None, until: DayOrNothing = None
    ) -> Response:
        """Return how often contested items were decided otherwise, with 95 % intervals."""
        return shared.render.reply(request, await rates(request, since, until), "appeals/rates.html")

    @shared.guard.get("/banding/angka", Permission.REVIEW_PLAN, include_in_schema=False)
    async def overturned_page(request: Request) -> Response:
        """Show them."""
        return shared.render.page(request, "appeals/rates_page.html", model=await rates(request, None, None))


async def _rates(
    door: AppealDoor, request: Request, rows: Sequence[Decided], since: date, until: date
) -> Rates:
    language, people = door.language(request), await door.people()
    criteria = await criterion_words(door, language)

    def grouped(key: Callable[[Decided], tuple[str, str]]) -> list[RateRow]:
        groups: dict[tuple[str, str], list[Decided]] = defaultdict(list)
        for row in rows:
            groups[key(row)].append(row)
        made = [
            rate(people.name(who), criteria.get(what, what), counts) for (who, what), counts in groups.items()
        ]
        return sorted(made, key=lambda one: (one.reviewer, one.criterion))

    return Rates(
        since=since,
        until=until,
        whole=rate("", "", rows),
        reviewers=grouped(lambda one: (one.reviewer, "")),
        criteria=grouped(lambda one: ("", one.criterion)),
        both=grouped(lambda one: (one.reviewer, one.criterion)),
    )


async def criterion_words(door: AppealDoor, language: str) -> dict[str, str]:
    """Return the criteria in words, as the newest versions have them; where forms differ all their words."""
    newest: dict[str, dict[str, str]] = defaultdict(dict)  # criterion → form → words
    for kept in reversed(await door.port.forms.versions()):
        for one in kept.form.criteria:
            newest[one.code][kept.form.name] = one.text[language]
    found = {code: " / ".join(sorted(set(words.values()))) for code, words in newest.items()}
    return {"facts": door.shared.render.texts.say(language, "appeals.facts"), **found}

"""How refusals of schedules and of requests are answered: with the field and the remedy."""

from collections.abc import Mapping
from types import SimpleNamespace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from reporting.adherence import AdherenceUnavailable
from reporting.offline import OfflineChanged, OfflineRefused, OfflineUnavailable
from reporting.schedule_book import AlreadyTakenBack, SchedulesUnavailable
from reporting.schedule_desk import ScheduleRefused
from web.error_fields import FieldError
from web.errors import ErrorBody
from web.parts import Shared

_STATUS = {"not_possible": 409, "there_is_one": 409, "changed": 409, "own": 403}


def add_schedule_refusals(shared: Shared) -> None:
    """Answer what the rules and the books raise."""
    texts, app = shared.render.texts, shared.guard.app

    def answer(
        request: Request, status: int, name: str, place: str = "", values: Mapping[str, str] | None = None
    ) -> Response:
        english, message = (
            texts.say(language, name, **(values or {}))
            for language in ("en", shared.render.language(request))
        )
        fields = [FieldError(field=place, problem=message)] if place else []
        body = ErrorBody(error=english, message=message, fields=fields)
        if request.headers.get("hx-request") == "true":
            error = SimpleNamespace(body=body, detail="")
            return shared.render.page(request, "errors/piece.html", status, error=error)
        word = name.partition(".")[2]
        return JSONResponse({**body.model_dump(exclude_none=True), "refusal": word}, status_code=status)

    async def schedule(request: Request, error: Exception) -> Response:
        assert isinstance(error, ScheduleRefused)  # noqa: S101 (registered for nothing else)
        # What a file is refused for has its text with the other files'.
        name = error.word if "." in error.word else f"schedules_refused.{error.word}"
        return answer(request, _STATUS.get(error.word, 422), name, error.place)

    async def offline(request: Request, error: Exception) -> Response:
        assert isinstance(error, OfflineRefused)  # noqa: S101 (as above)
        name = f"offline_refused.{error.word}"
        return answer(request, _STATUS.get(error.word, 422), name, error.place, error.values)

    async def changed(request: Request, _: Exception) -> Response:
        return answer(request, 409, "offline_refused.changed")

    async def taken_back(request: Request, _: Exception) -> Response:
        return answer(request, 409, "schedules_refused.taken_back")

    async def down(request: Request, _: Exception) -> Response:
        return answer(request, 503, "schedules.unavailable")

    app.add_exception_handler(ScheduleRefused, schedule)
    app.add_exception_handler(OfflineRefused, offline)
    app.add_exception_handler(OfflineChanged, changed)
    app.add_exception_handler(AlreadyTakenBack, taken_back)
    for kind in (SchedulesUnavailable, OfflineUnavailable, AdherenceUnavailable):
        app.add_exception_handler(kind, down)

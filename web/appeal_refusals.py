"""How refusals of appeals, calibration and coaching are answered: with the field and the remedy."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from recording.quality.appeals import AppealChanged, AppealRefused, AppealsUnavailable
from recording.quality.blind import BlindUnavailable
from recording.quality.calibration import CalibrationRefused, CalibrationUnavailable
from recording.quality.coaching import CoachingChanged, CoachingRefused, CoachingUnavailable
from recording.quality.forms import FormsUnavailable
from recording.quality.scores import ScoresUnavailable
from web.error_fields import FieldError
from web.errors import ErrorBody
from web.parts import Shared

_STATUS = {"not_possible": 409, "there_is_one": 409, "no_such_score": 404, "no_such_form": 404}


def add_appeal_refusals(shared: Shared) -> None:
    """Answer what the rules and the books raise. Once for all three areas."""
    texts, app = shared.render.texts, shared.guard.app

    def answer(request: Request, status: int, body: ErrorBody, refusal: str) -> Response:
        if request.headers.get("hx-request") == "true":
            error = SimpleNamespace(body=body, detail="")
            return shared.render.page(request, "errors/piece.html", status, error=error)
        return JSONResponse({**body.model_dump(exclude_none=True), "refusal": refusal}, status_code=status)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppealRefused | CalibrationRefused | CoachingRefused)  # noqa: S101
        name = f"appeals_refused.{error.word}"
        name = name if name in texts else "appeals_refused.other"
        values = error.values if isinstance(error, AppealRefused) else {}
        english = texts.say("en", name, **values)
        message = texts.say(shared.render.language(request), name, **values)
        fields = [FieldError(field=error.place, problem=message)] if error.place else []
        body = ErrorBody(error=english, message=message, fields=fields)
        return answer(request, _STATUS.get(error.word, 422), body, error.word)

    def plain(status: int, name: str) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def told(request: Request, _: Exception) -> Response:
            language = shared.render.language(request)
            body = ErrorBody(error=texts.say("en", name), message=texts.say(language, name))
            return answer(request, status, body, name.partition(".")[2])

        return told

    for refusal in (AppealRefused, CalibrationRefused, CoachingRefused):
        app.add_exception_handler(refusal, refused)
    for changed in (AppealChanged, CoachingChanged):
        app.add_exception_handler(changed, plain(409, "appeals.changed"))
    for down in (
        AppealsUnavailable, BlindUnavailable, CalibrationUnavailable, CoachingUnavailable, FormsUnavailable,
        ScoresUnavailable,
    ):  # fmt: skip
        app.add_exception_handler(down, plain(503, "appeals.unavailable"))

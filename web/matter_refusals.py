"""How refusals of the rules are answered: as the pages' errors are, with the field and the remedy."""

from types import SimpleNamespace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from desk.matters import CodeTaken, MatterChanged, MatterRefused, MattersUnavailable
from web.error_fields import FieldError
from web.errors import ErrorBody
from web.parts import Shared

_STATUS = {
    "rung_too_low": 403,
    "not_possible": 409,
    "with_another": 409,
    "with_dialer": 409,
    "not_now": 409,
    "answers_missing": 409,
    "callbacks_later": 409,
}


def add_refusals(shared: Shared) -> None:
    """Answer what the rules and the book of matters raise."""

    def answer(request: Request, status: int, body: ErrorBody, extra: dict[str, str]) -> Response:
        if request.headers.get("hx-request") == "true":
            error = SimpleNamespace(body=body, detail="")
            return shared.render.page(request, "errors/piece.html", status, error=error)
        return JSONResponse({**body.model_dump(exclude_none=True), **extra}, status_code=status)

    def said(request: Request, name: str, **values: str) -> tuple[str, str]:
        texts = shared.render.texts

        def text(language: str) -> str:
            rung = values.get("needed")
            words = {} if rung is None else {"needed": texts.say(language, f"matters.rung_{rung}")}
            return texts.say(language, name, **{**values, **words})

        return text("en"), text(shared.render.language(request))

    @shared.guard.app.exception_handler(MatterRefused)
    async def refused(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, MatterRefused)  # noqa: S101 (registered for nothing else)
        values = refusal.values
        english, message = said(request, f"matters_refused.{refusal.word}", **values)
        fields = [FieldError(field=refusal.place, problem=message)] if refusal.place else []
        extra = {"refusal": refusal.word}
        if "nearest_at" in values:
            extra["nearest_at"] = values["nearest_at"]
        body = ErrorBody(error=english, message=message, fields=fields)
        return answer(request, _STATUS.get(refusal.word, 422), body, extra)

    @shared.guard.app.exception_handler(MatterChanged)
    async def changed(request: Request, _: Exception) -> Response:
        english, message = said(request, "matters.changed")
        return answer(request, 409, ErrorBody(error=english, message=message), {"refusal": "changed"})

    async def unavailable(request: Request, _: Exception) -> Response:
        english, message = said(request, "matters.unavailable")
        return answer(request, 503, ErrorBody(error=english, message=message), {})

    shared.guard.app.add_exception_handler(MattersUnavailable, unavailable)
    shared.guard.app.add_exception_handler(CodeTaken, unavailable)

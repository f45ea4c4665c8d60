"""How refusals of campaigns are answered: with the field, what is wrong with it, and the remedy."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from dialer.campaigns import CampaignChanged, CampaignRefused, CampaignsUnavailable
from dialer.leads import LeadsUnavailable
from dialer.lists import ListsUnavailable
from web.campaign_port import LiveUnavailable
from web.error_fields import FieldError
from web.errors import ErrorBody
from web.parts import Shared

# A rule may name a part of the form that has no input of its own.
_AT = {"window": "window.closes", "retry": "retry.busy.attempts"}

# Where a word alone would not say what to do.
_ABOUT = {("lists", "missing"): "campaigns.lists_missing"}


def add_campaign_refusals(shared: Shared) -> None:
    """Answer what the ports of campaigns raise."""
    texts, app = shared.render.texts, shared.guard.app

    def answer(request: Request, status: int, body: ErrorBody, refusal: str) -> Response:
        if request.headers.get("hx-request") == "true":
            error = SimpleNamespace(body=body, detail="")
            return shared.render.page(request, "errors/piece.html", status, error=error)
        extra = {"refusal": refusal} if refusal else {}
        return JSONResponse({**body.model_dump(exclude_none=True), **extra}, status_code=status)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, CampaignRefused)  # noqa: S101 (registered for nothing else)
        name = f"campaigns_refused.{error.word}"
        name = _ABOUT.get((error.field, error.word), name if name in texts else "campaigns_refused.other")
        english = texts.say("en", name, value=error.value)
        message = texts.say(shared.render.language(request), name, value=error.value)
        field = _AT.get(error.field, error.field)
        if field.startswith("retry.") and field.count(".") == 1:
            field += ".attempts"
        body = ErrorBody(error=english, message=message, fields=[FieldError(field=field, problem=message)])
        return answer(request, 422, body, error.word)

    def plain(
        status: int, name: str, refusal: str = ""
    ) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def told(request: Request, _: Exception) -> Response:
            language = shared.render.language(request)
            body = ErrorBody(error=texts.say("en", name), message=texts.say(language, name))
            return answer(request, status, body, refusal)

        return told

    app.add_exception_handler(CampaignRefused, refused)
    app.add_exception_handler(CampaignChanged, plain(409, "campaigns.changed", "changed"))
    for kind in (CampaignsUnavailable, LeadsUnavailable, LiveUnavailable):
        app.add_exception_handler(kind, plain(503, "campaigns.unavailable"))
    app.add_exception_handler(ListsUnavailable, plain(503, "lists.unavailable"))

"""How refusals about texts and recordings are answered: what is wrong, why, and the remedy."""

from collections.abc import Sequence
from types import SimpleNamespace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from web.error_fields import FieldError
from web.errors import ErrorBody
from web.parts import Shared
from web.prompt_port import PromptBlocked, PromptRefused, PromptsUnavailable, SoundRefused, Trouble

_NO_FAULT_OF_THE_FILE = {"many": 409, "no_voice": 409, "late": 503, "failed": 503, "voice": 503}


def add_prompt_refusals(shared: Shared) -> None:
    """Answer what the port of prompts raises."""
    render = shared.render
    say = render.texts.say

    def answer(request: Request, status: int, found: Sequence[Trouble]) -> Response:
        language = render.language(request)
        said = [say(language, f"prompts.{one.word}", **one.values) for one in found]
        english = "; ".join(say("en", f"prompts.{one.word}", **one.values) for one in found)
        fields = [
            FieldError(field=one.field, problem=text)
            for one, text in zip(found, said, strict=True)
            if one.field
        ]
        body = ErrorBody(error=english, message=" ".join(said), fields=fields)
        if request.headers.get("hx-request") == "true":
            piece = SimpleNamespace(body=body, detail="")
            return render.page(request, "errors/piece.html", status, error=piece)
        return JSONResponse(body.model_dump(exclude_none=True), status_code=status)

    async def texts(request: Request, error: Exception) -> Response:
        assert isinstance(error, PromptRefused)  # noqa: S101 (registered for nothing else)
        return answer(request, 422, error.troubles)

    async def sound(request: Request, error: Exception) -> Response:
        assert isinstance(error, SoundRefused)  # noqa: S101 (as above)
        status = _NO_FAULT_OF_THE_FILE.get(error.word, 422)
        return answer(request, status, [Trouble("", f"sound_{error.word}", error.values)])

    async def blocked(request: Request, error: Exception) -> Response:
        assert isinstance(error, PromptBlocked)  # noqa: S101 (as above)
        return answer(request, 409, [Trouble("", f"block_{error.word}", {})])

    async def unavailable(request: Request, error: Exception) -> Response:
        return answer(request, 503, [Trouble("", "unavailable", {})])

    app = shared.guard.app
    app.add_exception_handler(PromptRefused, texts)
    app.add_exception_handler(SoundRefused, sound)
    app.add_exception_handler(PromptBlocked, blocked)
    app.add_exception_handler(PromptsUnavailable, unavailable)

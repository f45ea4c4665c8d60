"""How refusals of people's requests are answered."""

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from recording.persons import PersonChanged, PersonRefused, PersonsUnavailable
from web.parts import Shared


def add_person_refusals(shared: Shared) -> None:
    """Answer what the rules and the book raise, as an HTTPException is."""
    app, texts = shared.guard.app, shared.render.texts

    async def told(request: Request, error: Exception) -> Response:
        status, name = 503, "persons.unavailable"
        if isinstance(error, PersonChanged):
            status, name = 409, "persons.changed"
        elif isinstance(error, PersonRefused):
            status, name = 409, f"persons_refused.{error.word}"
            name = name if name in texts else "persons_refused.not_now"
        answer: Response = await app.exception_handlers[HTTPException](request, HTTPException(status, name))  # type: ignore[misc]
        return answer

    for kind in (PersonChanged, PersonRefused, PersonsUnavailable):
        app.add_exception_handler(kind, told)

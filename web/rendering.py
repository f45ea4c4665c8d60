"""Pages and pieces of pages out of templates. One endpoint answers programs with JSON, htmx with a piece."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from web.permissions import Permission
from web.texts import LANGUAGES, Texts
from web.visitor import Visitor

TEMPLATES = Path(__file__).parent / "templates"
WIB = ZoneInfo("Asia/Jakarta")
LANGUAGE_COOKIE = "kring_language"


class Renderer:
    """Renders templates.

    In every template: `t`, `named`, `asset`, `bells`, `visitor`, `language`, `wib`, `may`, `csrf`.
    """

    def __init__(self, texts: Texts, asset: Callable[[str], str], language: str) -> None:
        """`asset(name)` gives the address of a built file; `language` is the one before signing in."""
        self.texts = texts
        self._language = language
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = asset
        self._bells: list[tuple[str, tuple[Permission, ...]]] = []
        self._environment.filters["wib"] = in_wib

    def add_bell(self, address: str, *permissions: Permission) -> None:
        """Have the bar of every page ask an address each minute, for who has one of the permissions."""
        self._bells.append((address, permissions))

    def language(self, request: Request) -> str:
        """Return the language of whoever asks."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if visitor is not None:
            return visitor.staff.language
        chosen = request.cookies.get(LANGUAGE_COOKIE, self._language)
        return chosen if chosen in LANGUAGES else self._language

    def text(self, request: Request, template: str, **values: Any) -> str:
        """Return a template filled in."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        language = self.language(request)

        def may(permission: Permission) -> bool:
            return visitor is not None and visitor.reach(permission) is not None

        return self._environment.get_template(template).render(
            t=partial(self.texts.say, language),
            named=partial(self._named, language),
            language=language,
            visitor=visitor,
            may=may,
            bells=[address for address, permissions in self._bells if any(map(may, permissions))],
            csrf="" if visitor is None else visitor.csrf,
            **values,
        )

    def _named(self, language: str, section: str, word: str) -> str:
        """Return the text of a word that may have none; then the word itself."""
        name = f"{section}.{word}"
        return self.texts.say(language, name) if name in self.texts else word

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """Return a whole page."""
        return HTMLResponse(self.text(request, template, **values), status_code=status)

    def reply(
        self, request: Request, model: Any, template: str, status: int = 200, **values: Any
    ) -> Response:
        """Return `model` as JSON, or, asked by htmx, the piece of page that shows it (as `model`)."""
        if request.headers.get("hx-request") == "true":
            return self.page(request, template, status, model=model, **values)
        return JSONResponse(jsonable_encoder(model), status_code=status)


def in_wib(at: datetime, form: str = "%d.%m.%Y %H.%M") -> str:
    """Return an aware time as staff read it, in Western Indonesian Time."""
    return at.astimezone(WIB).strftime(form)

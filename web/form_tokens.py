"""Protection of forms against other sites (CSRF) and against foreign host names (DNS rebinding)."""

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

COOKIE = "kring_form"
FIELD = "token"
MAX_FORM_BYTES = 10_000


class FormRefused(Exception):
    """The form was not sent from this service's own page. Load the page again and repeat."""


class FormTokens:
    """Ties each form to the browser that loaded it: the field must fit the cookie.

    The key lives as long as the process: after a restart a page has to be loaded again.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def new_cookie(self) -> str:
        """Return a fresh cookie value."""
        return secrets.token_urlsafe(24)

    def token(self, cookie: str) -> str:
        """Return the token for the form of the browser that holds this cookie."""
        return hmac.new(self._key, cookie.encode(), "sha256").hexdigest()

    def check(self, headers: Mapping[str, str], cookie: str | None, body: bytes) -> dict[str, str]:
        """Return the form's fields. Raises FormRefused unless it came from our own page."""
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != headers.get("host"):
            raise FormRefused("the form came from another site")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise FormRefused("the form came from another site")
        if len(body) > MAX_FORM_BYTES:
            raise FormRefused(f"the form is larger than {MAX_FORM_BYTES} bytes")
        fields = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if not cookie or not hmac.compare_digest(fields.get(FIELD, "").encode(), self.token(cookie).encode()):
            raise FormRefused("the form's token is missing or out of date; load the page again")
        return fields

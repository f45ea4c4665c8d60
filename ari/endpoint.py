"""Where Asterisk is, and how this client shows who it is."""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from ari.errors import InvalidArgument


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An Asterisk's ARI: base address and credentials.

    `url` is `http://host:port` or `https://host:port`, with Asterisk's prefix if it has one; `/ari` at
    its end may be there or not. Raises InvalidArgument for anything else.
    """

    url: str
    username: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidArgument(f"ARI address {self.url!r}: must be like http://127.0.0.1:8088")
        if parts.username or parts.password:
            raise InvalidArgument("ARI address: give user name and password apart from the address")

    @property
    def base(self) -> str:
        """The address of ARI itself, without trailing slash."""
        return f"{self.url.rstrip('/').removesuffix('/ari')}/ari"

    def events_url(self, app: str) -> str:
        """Return the address of the event WebSocket of an application."""
        return f"ws{self.base.removeprefix('http')}/events?app={quote(app, safe='')}"

    def headers(self) -> dict[str, str]:
        """Return the credentials as a header: in an address they would end up in logs."""
        token = b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {token}"}

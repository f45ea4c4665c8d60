"""Which SIP messages of a browser may pass to Asterisk: whole ones, in the name of one account."""

import re
from enum import StrEnum

LONGEST = 32_768  # bytes; an INVITE of a browser with every codec has about 4,000

# What the softphone needs. No REFER, MESSAGE, SUBSCRIBE, PUBLISH: the service moves calls, nobody else.
METHODS = frozenset({"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "PRACK", "INFO"})

_REQUEST = re.compile(r"([A-Z]{3,10}) sips?:[^ \x00-\x1f<>\"]{1,255} SIP/2\.0")
_RESPONSE = re.compile(r"SIP/2\.0 [1-6][0-9]{2} [^\x00-\x1f]{0,200}")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,63}):[ \t]*([^\x00-\x08\x0a-\x1f]*)")
_ADDRESS = re.compile(
    r'(?:"[^"<>\\]{0,80}" ?)?<sips?:([A-Za-z0-9]{1,32})@[A-Za-z0-9.:\[\]-]{1,255}>(?:;[^<>]*)?'
)
_COMPACT = {"f": "from", "t": "to", "l": "content-length"}
# With these a phone could have Asterisk send the rest of a dialog to somebody else.
_ROUTING = frozenset({"record-route", "path", "route"})


class Unfit(StrEnum):
    """Why a message does not pass; words only, safe to log and to count."""

    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    METHOD = "method"
    STRANGER = "stranger"  # in the name of somebody else
    ROUTED = "routed"


def unfit(message: bytes, account: str) -> Unfit | None:
    """Return why a message must not pass, or None if it may.

    Asterisk knows a phone by the user of From, and takes a frame for as many messages as are in it: so
    the form is checked strictly (one whole message, no folded or doubled header), and `From` of every
    request, as well as `To` of a registration, must name the account.
    """
    if len(message) > LONGEST:
        return Unfit.TOO_LONG
    head, found, body = message.partition(b"\r\n\r\n")
    if not found:
        return Unfit.MALFORMED
    try:
        first, *rest = head.decode("utf-8").split("\r\n")
        headers = _headers(rest)
        whole = headers["content-length"] == str(len(body))
        users = {name: _user(headers[name]) for name in ("from", "to")}
    except (ValueError, KeyError):
        return Unfit.MALFORMED
    if not whole:
        return Unfit.MALFORMED
    if _RESPONSE.fullmatch(first):
        return None  # it answers what Asterisk asked on this socket; to others it means nothing
    request = _REQUEST.fullmatch(first)
    if request is None:
        return Unfit.MALFORMED
    return _unfit_request(request[1], headers, users, account)


def _unfit_request(
    method: str, headers: dict[str, str], users: dict[str, str | None], account: str
) -> Unfit | None:
    if method not in METHODS:
        return Unfit.METHOD
    if users["from"] != account or (method == "REGISTER" and users["to"] != account):
        return Unfit.STRANGER
    if _ROUTING & headers.keys():
        return Unfit.ROUTED
    return None


def _headers(lines: list[str]) -> dict[str, str]:
    """Return name → value. Raises ValueError for a line that is no header, and for a doubled one."""
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise ValueError("no header")
        name = found[1].lower()
        name = _COMPACT.get(name, name)
        if name in headers and name in ("from", "to", "content-length"):
            raise ValueError("a header is there twice")
        headers[name] = found[2].rstrip()
    return headers


def _user(value: str) -> str | None:
    """Return the user of an address; None if there is none or it is written in another way than ours."""
    found = _ADDRESS.fullmatch(value)
    return None if found is None else found[1]

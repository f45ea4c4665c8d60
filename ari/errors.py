"""What can go wrong with a request, as types."""

import re

_DIGITS = re.compile(r"\d(?=\d{4})")


def masked(text: str) -> str:
    """Return text in which of every run of digits at most the last four stay.

    Asterisk quotes what it was given (numbers among it) in its refusals.
    """
    return _DIGITS.sub("*", text)


class AriError(Exception):
    """A request to Asterisk did not succeed."""

    def __init__(self, operation: str, why: str) -> None:
        super().__init__(f"{operation}: {masked(why)}")
        self.operation = operation  # e.g. "channels.play_with_id"


class Answered(AriError):
    """Asterisk answered, and the answer was no."""

    def __init__(self, operation: str, status: int, why: str) -> None:
        super().__init__(operation, f"{status} {why}")
        self.status = status  # as in HTTP


class Gone(Answered):
    """The channel, bridge, playback or recording is not there (any more), or has left the application."""


class Refused(Answered):
    """Asterisk refused the request as wrong, or as not possible now (4xx)."""


class Broken(Answered):
    """Asterisk failed to carry the request out (5xx); the outcome is unknown."""


class DeadlineExceeded(AriError):
    """No answer came in time. The outcome is unknown: Asterisk may still carry the request out."""


class Disconnected(AriError):
    """The connection was lost. It is never repeated by the client.

    `sent` False: Asterisk never saw the request. True: the outcome is unknown.
    """

    def __init__(self, operation: str, why: str, *, sent: bool) -> None:
        super().__init__(operation, why)
        self.sent = sent


class TooLarge(AriError):
    """The request fits neither one WebSocket frame (65,535 bytes) nor one HTTP body (40,960 bytes)."""


class TooManyRequests(AriError):
    """More requests wait for answers than the client allows; this one was not sent."""


class Unreadable(AriError):
    """Asterisk's answer is not what its own description promises."""


class Replaced(Exception):
    """Another process took over this application's name; this client has stopped for good."""


class Unauthorized(Exception):
    """Asterisk refused the user name or password of the connection."""


class InvalidArgument(ValueError):
    """An argument could not be put into a request without changing its meaning."""

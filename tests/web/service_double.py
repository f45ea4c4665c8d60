"""A service that is in whatever state a test says."""

from collections.abc import Sequence

from web.operations import Line, LiveCall, Readiness


class ServiceDouble:
    """A service that is in whatever state a test says."""

    dial: Sequence[str] = ("sip:1500200@127.0.0.1:5060",)

    def __init__(self) -> None:
        self.reasons: tuple[str, ...] = ()
        self.inside: list[LiveCall] = []
        self.shut = False

    async def readiness(self) -> Readiness:
        return Readiness(self.reasons, {"asterisk": "22.10.1"})

    def calls(self) -> Sequence[LiveCall]:
        return self.inside

    async def line(self) -> Line:
        return Line(open=not self.shut, shut=self.shut)

    async def shut_line(self) -> None:
        self.shut = True

    async def reopen_line(self) -> None:
        self.shut = False

    def metrics(self) -> tuple[bytes, str]:
        return b"kring_ready 1.0\n", "text/plain; version=0.0.4"

"""The three time zones of Indonesia, as far as a person may be called."""

from enum import StrEnum
from zoneinfo import ZoneInfo


class Zone(StrEnum):
    """The callee's zone, by registered office or province; never guessed from a number."""

    WIB = "wib"
    WITA = "wita"
    WIT = "wit"
    UNKNOWN = "unknown"  # then only hours that suit all three

    @property
    def places(self) -> tuple[ZoneInfo, ...]:
        """Return the zones in which the time must be allowed."""
        return (_PLACES[self],) if self in _PLACES else tuple(_PLACES.values())

    @property
    def shown_in(self) -> ZoneInfo:
        """Return the zone in which times are told."""
        return self.places[0]


_PLACES = {
    Zone.WIB: ZoneInfo("Asia/Jakarta"),
    Zone.WITA: ZoneInfo("Asia/Makassar"),
    Zone.WIT: ZoneInfo("Asia/Jayapura"),
}

"""Days as agents say them: in Western Indonesian Time, in the language of the call."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
_WEEKDAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS_TEXT = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
_MONTHS = {language: text.split() for language, text in _MONTHS_TEXT.items()}


def weekday(at: datetime | None, language: str) -> str:
    """Return the weekday of a moment; empty for none."""
    return "" if at is None else _WEEKDAYS[language][at.astimezone(OFFICE_ZONE).weekday()]


def day(at: datetime | None, language: str) -> str:
    """Return the date of a moment, as `3 Juni 2025`; empty for none."""
    if at is None:
        return ""
    return day_name(at.astimezone(OFFICE_ZONE).date(), language)


def day_name(on: date, language: str) -> str:
    """Return a calendar day, as `3 Juni 2025`."""
    return f"{on.day} {_MONTHS[language][on.month - 1]} {on.year}"

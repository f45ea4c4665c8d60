"""Asterisk's way of writing a time."""

from datetime import UTC, datetime


def when(timestamp: str) -> datetime:
    """Return a timestamp of Asterisk, e.g. `2026-01-31T08:00:00.000+0700`, as an aware time in UTC.

    Raises ValueError for anything else.
    """
    moment = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%f%z")
    return moment.astimezone(UTC)

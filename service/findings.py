"""What a check of the installation finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` is None when it is well."""

    about: str
    found: str
    remedy: str | None = None

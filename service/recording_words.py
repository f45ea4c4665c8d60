"""What was found about recordings, in words for who uses the command line."""

from __future__ import annotations

from recording.manifest import Finding, Wrong
from recording.scan import Found, Stray

_WRONG = {
    Wrong.CHANGED: "was changed after it was written",
    Wrong.MISSING: "is missing: it was taken out",
    Wrong.EXCHANGED: "stands in the place of row {other}",
    Wrong.INSERTED: "was put in; the service never wrote it",
    Wrong.CUT: "is missing with everything after it: the table was cut, or is an older copy",
    Wrong.ROLLED_BACK: "is not what was anchored: the table is an older copy that was gone on with",
    Wrong.ANCHOR: "has an anchor that was edited or taken out",
    Wrong.NO_KEY: "cannot be checked: the key file lacks its key",
}
_STRAY = {
    Stray.PLAIN_WITHOUT_ROW: "plain audio without a row; look at who made it, then seal or remove it by hand",
    Stray.FOREIGN_FILE: "a file that is none of ours; move it away",
    Stray.PLAIN_LEFT: "plain audio of a recording that is sealed or destroyed; --mend removes it",
    Stray.ROW_WITHOUT_PLAIN: "waits to be sealed, but there is no audio; the worker declares it lost",
    Stray.OBJECT_WITHOUT_ROW: "a stored object without a row; restore the table, or remove it by hand",
    Stray.OBJECT_LEFT: "a stored object of a recording that is destroyed or lost; --mend removes it",
    Stray.OBJECT_SPARE: "a stored object of an attempt that broke off; --mend removes it",
    Stray.ROW_WITHOUT_OBJECT: "its stored object is gone; restore it from a backup",
    Stray.OBJECT_SIZE: "its stored object has another size; restore it from a backup",
    Stray.OBJECT_CHANGED: "its stored object is not what was sealed; restore it from a backup",
    Stray.ROW_UNSIGNED: "is sealed or destroyed, and the manifest does not say so; the row was edited",
    Stray.ROW_GONE: "the manifest tells of it and it has no row; restore the table from a backup",
    Stray.ROW_EDITED: "its row says something else than the manifest; restore the table from a backup",
}


def wrong_row(one: Finding) -> str:
    """Return a finding of the manifest's check as a sentence."""
    rows = f"rows {one.number} to {one.until}" if one.until > one.number else f"row {one.number}"
    words = _WRONG[one.wrong].format(other=one.other)
    copy = f" (a copy of row {one.other})" if one.other and one.wrong is not Wrong.EXCHANGED else ""
    whose = f"; recording {one.recording_id}" if one.recording_id and one.until == one.number else ""
    return f"{rows}: {words}{copy}{whose}"


def stray(one: Found) -> str:
    """Return a finding of the scan as a sentence."""
    # A foreign name can be anything: it is not repeated where it could hold a caller's number.
    name = f" ({one.name})" if one.name and one.recording_id else ""
    return f"{one.recording_id or 'unknown'}: {_STRAY[one.stray]}{name}"

"""Which earlier call a script speaks of: for whoever has proved whose call it is."""

from dataclasses import replace

from desk.history import HistoryUnavailable, PastNote, PastNotes
from desk.script import Facts, Script

BLANKS = frozenset({"hari_panggilan", "tanggal_panggilan", "topik_panggilan"})


def speaks_of_earlier_call(script: Script) -> bool:
    """Whether a script has a blank about an earlier call."""
    return any(
        part.blank in BLANKS
        for step in script.steps.values()
        for phrase in step.phrases
        for parts in phrase.parts.values()
        for part in parts
    )


async def earlier_call(past: PastNotes, call_id: str, taxpayer_id: str) -> PastNote | None:
    """Return the newest note of another call about the taxpayer; None: there is none that can be read."""
    try:
        notes = await past.notes_about(taxpayer_id)
    except HistoryUnavailable:
        return None
    return next((note for note in notes if note.call_id != call_id), None)


def with_earlier(facts: Facts, note: PastNote, topic: dict[str, str]) -> Facts:
    """Return the facts with an earlier call's date, and what it was about by language."""
    return replace(facts, earlier_at=note.at, earlier_topic=topic)

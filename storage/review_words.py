"""The words of notes and transcripts as keyed fingerprints: by these calls are found, the text stays sealed.

The fingerprints are those of notes (`storage.interaction_rows`), cut to 64 bits: narrow, and of some
millions of words hardly two share one; at worst a search shows a call too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from desk.notes_words import words_of
from storage.interaction_rows import InteractionRows
from storage.interaction_tables import interaction_notes
from storage.review_tables import review_places, review_words
from storage.vault import Vault

_BYTES = 8


class ReviewWords:
    """Writes and asks for the words of recordings."""

    def __init__(self, vault: Vault) -> None:
        self._rows = InteractionRows(vault)

    def words_in(self, connection: Connection, recording_id: str, words: Iterable[str]) -> bool:
        """Let a recording be found by these words, within the transaction of `connection`. Idempotent.

        `words` may be whole texts: they are normalised as those of notes. False: the recording is not in
        the index yet; to be tried again after the next pass.
        """
        query = sa.select(review_places.c.place).where(review_places.c.recording_id == recording_id)
        place = connection.scalar(query)
        if place is None:
            return False
        found = sorted({number for text in words for number in self.asked(text)})
        put_words(connection, [(number, place) for number in found])
        return True

    def notes_in(self, connection: Connection, places: Mapping[str, Sequence[int]]) -> None:
        """Index the words of the notes of calls; `places`: call → places of its recordings.

        Raises VaultProblem: a note cannot be opened.
        """
        notes, later = interaction_notes.c, interaction_notes.alias()
        newest = ~sa.exists().where(later.c.note_id == notes.note_id, later.c.version > notes.version)
        query = sa.select(interaction_notes).where(notes.call_id.in_(list(places)), newest)
        rows: set[tuple[int, int]] = set()
        for row in connection.execute(query):
            content = self._rows.note(row).content
            for number in self.asked(content.caller, content.question, content.answer):
                rows.update((number, place) for place in places[row.call_id])
        put_words(connection, sorted(rows))

    def asked(self, *texts: str) -> Sequence[int]:
        """Return the fingerprints of the words of texts."""
        return sorted(number_of(self._rows.fingerprint(word)) for word in words_of(*texts))


def number_of(fingerprint: bytes) -> int:
    """Return a fingerprint as the index has it."""
    return int.from_bytes(fingerprint[:_BYTES], "big", signed=True)


def put_words(connection: Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Insert (word, place), those that are there already left alone."""
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        values = [{"word": word, "place": place} for word, place in rows]
        connection.execute(insert(review_words).on_conflict_do_nothing(), values)


def forget_words(connection: Connection, places: Sequence[int]) -> None:
    """Remove the words of recordings that are gone."""
    if places:
        connection.execute(sa.delete(review_words).where(review_words.c.place.in_(places)))

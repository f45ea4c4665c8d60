"""Interaction notes and drafts as rows: the text is sealed, and found by fingerprints of its words."""

from dataclasses import asdict
from typing import Any

import msgspec

from desk.notes import Draft, NewNote, Note, NoteContent
from desk.notes_words import words_of
from storage.vault import Vault

FINGERPRINT_BYTES = 16
_json = msgspec.json.Encoder()
_strings = msgspec.json.Decoder(dict[str, str])


class InteractionRows:
    """Turns notes and drafts into rows and back."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def note_row(self, note: NewNote, version: int, first: Any = None) -> dict[str, Any]:
        """Return a version of a note as a row; `first` is the row of an earlier one."""
        content = note.content
        text = {"caller": content.caller, "question": content.question, "answer": content.answer}
        taxpayer_id = note.taxpayer_id
        if taxpayer_id is None and first is not None:
            taxpayer_id = first.taxpayer_id
        return {
            "note_id": note.note_id,
            "version": version,
            "call_id": note.call_id,
            "at": note.at,
            "first_at": note.at if first is None else first.first_at,
            "staff_id": note.staff_id,
            "agent": note.agent,
            "team": note.team,
            "branch": content.branch,
            "category": content.category,
            "result": content.result,
            "language": content.language,
            "taxpayer_id": taxpayer_id,
            "sealed_text": self._vault.seal(_json.encode(text), _note_context(note.note_id, version)),
        }

    def note(self, row: Any) -> Note:
        """Return the note of a selected row. Raises VaultProblem."""
        text = _strings.decode(
            self._vault.open(bytes(row.sealed_text), _note_context(row.note_id, row.version))
        )
        content = NoteContent(row.branch, row.category, row.result, row.language, **text)
        return Note(
            row.note_id,
            row.version,
            row.call_id,
            content,
            row.staff_id,
            row.agent,
            row.team,
            row.at,
            row.taxpayer_id,
            row.first_at,
        )

    def draft_values(self, draft: Draft) -> dict[str, Any]:
        """Return what changes in the row of a draft with each save."""
        sealed = self._vault.seal(_json.encode(asdict(draft.content)), _draft_context(draft))
        return {"note_id": draft.note_id, "at": draft.at, "sealed_draft": sealed}

    def draft(self, row: Any) -> Draft:
        """Return the draft of a selected row. Raises VaultProblem."""
        text = self._vault.open(bytes(row.sealed_draft), _draft_context(row))
        content = NoteContent(**_strings.decode(text))
        return Draft(row.call_id, row.staff_id, row.slot, row.note_id, row.version, content, row.at)

    def words(self, content: NoteContent) -> list[bytes]:
        """Return the fingerprints of a note's words, in an order that tells nothing."""
        return sorted(map(self.fingerprint, words_of(content.caller, content.question, content.answer)))

    def fingerprint(self, word: str) -> bytes:
        """Return the keyed fingerprint of a normalised word."""
        return self._vault.lookup_key(f"interaction_words/{word}")[:FINGERPRINT_BYTES]

    def session_key(self, session_id: str) -> bytes:
        """Return a key of 32 bytes that only this installation can tell for a session."""
        return self._vault.lookup_key(f"interaction_safe/{session_id}")


def _note_context(note_id: str, version: int) -> bytes:
    return f"interaction_notes/{note_id}/{version}".encode()


def _draft_context(draft: Any) -> bytes:
    return f"interaction_drafts/{draft.call_id}/{draft.staff_id}/{draft.slot}".encode()

"""What is sealed and is the person's own, opened for their file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from domain.masking import mask
from recording.persons import Asker
from recording.transcripts import Sentence
from storage.attempt_rows import attempt_of
from storage.interaction_rows import InteractionRows
from storage.list_rows import ListRows
from storage.person_subject import Subject
from storage.rows import Rows
from storage.vault import Vault

Opened = Mapping[str, Any]
_strings = msgspec.json.Decoder(dict[str, str])
_profile = msgspec.json.Decoder(dict[str, Any])
_sentences = msgspec.json.Decoder(list[Sentence])
_asker = msgspec.json.Decoder(Asker)
NPWP_FACT = "npwp"  # of a collected event, as in desk.card


class Openers:
    """Opens rows of tables. Raises storage.vault.VaultProblem."""

    def __init__(
        self, vault: Vault, subject: Subject, numbers: frozenset[str], shared: frozenset[str]
    ) -> None:
        """`numbers`: known to be the person's; others are masked. `shared`: calls that are another's too."""
        self._shared = shared
        self._vault = vault
        self._subject = subject
        self._numbers = numbers
        self._calls, self._notes, self._lists = Rows(vault), InteractionRows(vault), ListRows(vault)
        self._by_table: Mapping[str, Callable[[Any], Opened]] = {
            "taxpayers": self._taxpayer,
            "taxpayer_profiles": self._profile,
            "contacts": self._contact,
            "attempts": self._attempt,
            "calls": self._call,
            "call_events": self._event,
            "interaction_notes": self._note,
            "interaction_drafts": self._draft,
            "matters": self._matter,
            "matter_events": self._matter_event,
            "person_requests": self._request,
            "recording_transcripts": self._transcript,
        }

    def opened(self, table: str, row: Any) -> Opened:
        """Return what a row seals, by further columns; nothing where it is not the person's."""
        opener = self._by_table.get(table)
        return {} if opener is None else opener(row)

    def _taxpayer(self, row: Any) -> Opened:
        return {"npwp": self._subject.npwp, "name": self._subject.name}

    def _profile(self, row: Any) -> Opened:
        # What proves ownership (EFIN and the like) is held and never shown: it would be no proof any more.
        context = f"taxpayers/{row.taxpayer_id}/profile".encode()
        return {"profile": _profile.decode(self._vault.open(bytes(row.sealed_profile), context))}

    def _contact(self, row: Any) -> Opened:
        person = self._lists.contact(row).person
        return {
            "npwp": person.npwp,
            "name": person.name,
            "numbers": list(person.numbers),
            "fields": dict(person.fields),
        }

    def _attempt(self, row: Any) -> Opened:
        return {"number": attempt_of(row, self._vault).number}

    def _call(self, row: Any) -> Opened:
        caller = self._calls.call(row).caller
        if caller is None:
            return {"caller": ""}
        return {"caller": caller if caller in self._numbers else mask(caller)}

    def _event(self, row: Any) -> Opened:
        # Single keys are not told: they may be digits of somebody else's number.
        secret = self._calls.event(row).secret or {}
        keyed = secret.get(NPWP_FACT, "")
        return {"keyed": keyed} if keyed and self._subject.is_npwp(keyed) else {}

    def _note(self, row: Any) -> Opened:
        content = self._notes.note(row).content
        return {"caller": content.caller, "question": content.question, "answer": content.answer}

    def _draft(self, row: Any) -> Opened:
        content = self._notes.draft(row).content
        return {"caller": content.caller, "question": content.question, "answer": content.answer}

    def _matter(self, row: Any) -> Opened:
        context = f"matters/{row.matter_id}/body".encode()
        return {"body": _strings.decode(self._vault.open(bytes(row.sealed_body), context))}

    def _matter_event(self, row: Any) -> Opened:
        if row.sealed_note is None:
            return {}
        context = f"matters/{row.matter_id}/note/{row.number}".encode()
        return {"note": self._vault.open(bytes(row.sealed_note), context).decode()}

    def _request(self, row: Any) -> Opened:
        context = f"person_requests/{row.request_id}/asker".encode()
        asker = _asker.decode(self._vault.open(bytes(row.sealed_asker), context))
        return {"wish": asker.wish}

    def _transcript(self, row: Any) -> Opened:
        if not row.sealed_text or row.call_id in self._shared:
            return {}
        context = f"recording_transcripts/{row.recording_id}".encode()
        sentences = _sentences.decode(self._vault.open(bytes(row.sealed_text), context))
        return {"text": [f"{one.side}: {one.text}" for one in sentences]}

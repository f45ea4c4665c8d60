"""What the commands of `kring recordings` work with."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from desk.matter_data import TableProblem
from domain.audit import AuditRow, AuditUnavailable
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from service.floor_client import user
from service.recording_keeping_part import Keeping
from service.recording_keeping_records import KeepingRecords, open_keeping
from service.settings import SettingsError
from storage.database import DatabaseProblem
from storage.recording_destruction import NotDestroyed
from storage.recording_listing import of_prefix

T = TypeVar("T")
LEAST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class RecordingDesk:
    """What a command works with."""

    records: KeepingRecords
    keeping: Keeping
    who: str

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is wrong becomes a message."""
        try:
            return asyncio.run(work)
        except NotDestroyed as error:
            raise click.ClickException(f"It was not destroyed ({error}). {_REMEDIES[error.why]}") from error
        except (RecordingsUnavailable, AuditUnavailable) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:  # the store, the folder of plain audio, the key file: each names its remedy
            raise click.ClickException(str(error)) from error

    def one(self, prefix: str) -> Recording:
        """Return the recording whose id begins so."""
        if len(prefix) < LEAST_PREFIX:
            raise click.ClickException(f"RECORDING: write at least {LEAST_PREFIX} signs of its id")
        found = self.ask(of_prefix(self.records.database, prefix))
        if len(found) != 1:
            what = "Several recordings begin" if found else "No recording begins"
            raise click.ClickException(f"{what} so. Remedy: kring recordings list, then write more of its id")
        return found[0]

    def note(self, act: str, subject: str, why: str = "") -> None:
        """Put an act on the audit trail, before it is done."""
        self.ask(self.records.audit.record(AuditRow(datetime.now(UTC), self.who, act, subject, why[:128])))


_REMEDIES = {
    "held": "Remedy: kring recordings release, once the reason is over",
    "not_due": "Remedy: wait, or give a reason that needs a second person (kring recordings retention)",
    "not_sealed": "Remedy: only what is sealed, and not destroyed yet, can be destroyed",
    "no_reason": "Remedy: kring recordings retention lists the reasons",
    "not_asked": "Remedy: somebody else asks first: kring recordings destroy RECORDING --reason … --ask",
    "same_person": "Remedy: a second person confirms it",
}


@contextmanager
def desk() -> Iterator[RecordingDesk]:
    """Open everything; known problems become messages."""
    try:
        with open_keeping() as (records, keeping):
            yield RecordingDesk(records, keeping, f"cli:{user()}")
    except (DatabaseProblem, SettingsError, TableProblem, OSError) as error:
        raise click.ClickException(str(error)) from error

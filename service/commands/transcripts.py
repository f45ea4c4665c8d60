"""`kring transcripts`: what a machine wrote down of recordings. Nobody reads a word here."""

import asyncio
import fcntl
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from domain.audit import AuditRow, AuditUnavailable
from domain.clock import SystemClock
from prompts.errors import SpeechUnavailable
from prompts.kokoro import INSTALL
from prompts.whisper import Whisper, missing_packages
from recording.persons import PersonsUnavailable
from recording.ports import RecordingsUnavailable
from recording.recordings import Recording
from recording.transcripts import Made, TranscriptsUnavailable
from service.floor_client import user
from service.recording_desk import LEAST_PREFIX
from service.records import Records, open_records
from service.transcript_jobs import Tried
from service.transcript_making import RECENT, Outcome, make_one, step_back
from service.transcript_part import LOCK, transcript_job
from service.transcript_worker import make_ground
from storage.audit import DurableAudit
from storage.recording_listing import of_prefix
from storage.transcripts import DurableTranscripts

T = TypeVar("T")
_NOT_MADE = 1  # exit code
_WHY = {
    Outcome.GONE: "There is no sound of it (any more).",
    Outcome.RESTRICTED: "Its person asked that nobody processes it for now.",
}
_CAUSES = {
    "too_long": "it is longer than four hours",
    "sound_gone": "its sound is not in the store; see kring recordings scan",
    "sound_damaged": "its sound was changed or cut; see kring recordings verify",
    "not_decoded": "its sound cannot be decoded; see kring recordings verify",
}


@click.group()
def command() -> None:
    """Transcripts: a search aid that a machine makes of recordings, never evidence."""


@command.command()
def status() -> None:
    """Show whether transcripts are made, how many there are, and what waits."""
    missing = missing_packages()
    with open_records() as records:
        wanted = records.settings.transcripts
        transcripts = DurableTranscripts(records.database, records.vault)
        figures = _asked(transcripts.figures(datetime.now(UTC) - RECENT))
    click.echo(f"transcripts  {wanted}" + ("" if wanted == "on" else "  (set transcripts to on)"))
    click.echo(
        f"packages     {'missing: ' + ', '.join(missing) + f'; {INSTALL}' if missing else 'installed'}"
    )
    for made in Made:
        click.echo(f"{made.value:<12} {figures.made.get(made.value, 0)}")
    click.echo(f"waiting      {figures.waiting}, sealed within {RECENT.days} days")
    click.echo(f"to index     {figures.to_index}")
    if figures.audio_ms:
        per_minute = figures.cpu_ms / 1000 / (figures.audio_ms / 60_000)
        click.echo(f"cost         {per_minute:.1f} s of CPU a minute of audio")


@command.command()
@click.argument("recording")
def run(recording: str) -> None:
    """Make the transcript of a recording now, in place of an earlier one. RECORDING: its id.

    At the lowest priority, whatever the setting says. Exit 1: it was not made.
    """
    if missing := missing_packages():
        raise click.ClickException(f"{', '.join(missing)}: not installed. Remedy: {INSTALL}")
    step_back()
    with open_records() as records, _alone(records.settings.home / LOCK):
        one = _one(records, recording)
        row = AuditRow(
            datetime.now(UTC),
            f"cli:{user()}",
            "recording_transcript_made",
            f"recording:{one.recording_id}",
            data={"call": one.call_id},
        )
        _asked(DurableAudit(records.database).record(row))
        tried = _asked(_make(records, one.recording_id))
    raise SystemExit(_told(tried))


async def _make(records: Records, recording_id: str) -> Tried:
    job = transcript_job(records.settings)
    ground = make_ground(job, records.database, records.vault, SystemClock())
    return await make_one(ground, recording_id, Whisper)


def _told(tried: Tried) -> int:
    outcome = Outcome(tried.outcome)
    if outcome is Outcome.MADE:
        seconds = tried.cpu_ms / 1000
        click.echo(f"{tried.sentences} sentences of {tried.audio_ms / 1000:.0f} s, {seconds:.1f} s of CPU.")
        return 0
    click.echo(_WHY.get(outcome) or f"Not made: {_CAUSES[tried.cause]}.", err=True)
    return _NOT_MADE


def _one(records: Records, prefix: str) -> Recording:
    if len(prefix) < LEAST_PREFIX:
        raise click.ClickException(f"RECORDING: write at least {LEAST_PREFIX} signs of its id")
    found = _asked(of_prefix(records.database, prefix))
    if len(found) != 1:
        what = "Several recordings begin" if found else "No recording begins"
        raise click.ClickException(f"{what} so. Remedy: kring recordings list, then write more of its id")
    return found[0]


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the only one who makes transcripts here."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise click.ClickException(
                "A transcript is being made already. Remedy: wait for it, or set transcripts to off"
            ) from error
        yield


def _asked(work: Coroutine[Any, Any, T]) -> T:
    """Do something; what is wrong becomes a message."""
    try:
        return asyncio.run(work)
    except (
        AuditUnavailable,
        OSError,  # the store, the key file: each names its remedy
        PersonsUnavailable,
        RecordingsUnavailable,
        SpeechUnavailable,
        TranscriptsUnavailable,
    ) as error:
        raise click.ClickException(str(error)) from error

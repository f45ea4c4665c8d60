"""`kring person`: requests of people about their own data. Nothing personal is printed."""

import asyncio
import re
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from desk.matter_data import TableProblem
from domain.audit import AuditRow, AuditUnavailable
from domain.masking import mask
from recording.persons import Kind, PersonChanged, PersonRefused, PersonsUnavailable, Request
from recording.ports import RecordingsUnavailable
from service.floor_client import user
from service.person_bundle import new_password
from service.person_jobs import SUFFIX, PersonGround, PersonJobs
from service.person_records import open_persons
from service.person_words import person_words
from service.settings import SettingsError
from service.timeline import wib
from storage.database import DatabaseProblem
from storage.person_finder import PersonFinder
from storage.person_subject import subject_of
from storage.vault import VaultProblem

T = TypeVar("T")
_CODE = re.compile(r"[A-Za-z0-9]{8}")
_TROUBLES = (
    PersonsUnavailable, RecordingsUnavailable, AuditUnavailable, DatabaseProblem, VaultProblem, SettingsError,
    TableProblem, OSError,
)  # fmt: skip
_REMEDIES = {
    "not_now": "This step is not possible in its present state. Remedy: kring person status CODE",
    "not_this_kind": "Only requests for a copy have a bundle.",
    "no_npwp": "This is no NPWP. Remedy: 15 or 16 digits.",
}


@dataclass(frozen=True, slots=True)
class _Desk:
    ground: PersonGround
    who: str

    def note(self, act: str, subject: str) -> None:
        """Put an act on the audit trail, before it is done."""
        row = AuditRow(datetime.now(UTC), self.who, act, subject)
        asyncio.run(self.ground.audit.record(row))

    def request(self, code: str) -> Request:
        """Return the request of a code."""
        if _CODE.fullmatch(code) is None:
            raise click.ClickException("CODE: 8 letters and digits, as the list shows them")
        try:
            return self.ask(self.ground.book.by_code(code))
        except KeyError:
            raise click.ClickException("No request has this code. Remedy: kring person status") from None

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is refused becomes a message."""
        try:
            return asyncio.run(work)
        except PersonRefused as error:
            raise click.ClickException(_REMEDIES.get(error.word, error.word)) from error
        except PersonChanged as error:
            raise click.ClickException("Somebody changed the request meanwhile. Remedy: again") from error


@contextmanager
def _desk() -> Iterator[_Desk]:
    try:
        with open_persons() as ground:
            yield _Desk(ground, f"cli:{user()}")
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from error


@click.group()
def command() -> None:
    """See requests of people about their own data; find what is held; make a copy's bundle."""


@command.command()
@click.argument("code", default="")
def status(code: str) -> None:
    """List requests with their clocks, or the steps of the one with a CODE."""
    with _desk() as at:
        now = datetime.now(UTC)
        if code:
            one = at.request(code)
            at.note("person_request_viewed", f"person:{one.request_id}")
            steps, bundles = (
                at.ask(at.ground.book.trail(one.request_id)),
                at.ask(at.ground.book.bundles(one.request_id)),
            )
            click.echo(_line(one, now))
            for step in steps:
                click.echo(f"  {wib(step.at)}  {step.what:<10} {step.state:<10} {step.who[:12]}")
            for bundle in bundles:
                gone = "removed" if bundle.removed_at else f"until {wib(bundle.keep_until)}"
                click.echo(f"  bundle {bundle.bundle_id[:8]}  {bundle.size} bytes  {gone}")
            return
        found = [*at.ask(at.ground.book.open()), *at.ask(at.ground.book.newest(20))]
    for one in found:
        click.echo(_line(one, now))
    if not found:
        click.echo("No requests.", err=True)


@command.command()
def find() -> None:
    """Count what is held about one taxpayer, table by table; the NPWP is asked for and not shown."""
    npwp = "".join(click.prompt("NPWP", hide_input=True).split())
    with _desk() as at:
        ground = at.ground
        try:
            subject = ground.database.read_now(lambda connection: subject_of(connection, ground.vault, npwp))
        except ValueError as error:
            raise click.ClickException(_REMEDIES["no_npwp"]) from error
        about = f"taxpayer:{subject.taxpayer_id}" if subject.taxpayer_id else "taxpayer:unknown"
        at.note("person_file_searched", about)
        found = ground.database.read_now(
            lambda connection: PersonFinder(ground.vault).everything(connection, subject, "count")
        )
    known = "in the register" if subject.taxpayer_id else "not in the register"
    click.echo(f"{mask(subject.npwp)}, {known}")
    for name, section in found.sections.items():
        if section.rows:
            click.echo(f"{len(section.rows):>7}  {name:<24} {person_words().sections.get(name, '')}".rstrip())
    if found.shared:
        click.echo(f"{len(found.shared)} of the calls concern other taxpayers too: their sound is left out")


@command.command()
@click.argument("code")
@click.option("--to", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder.")
def export(code: str, to: Path | None) -> None:
    """Make the bundle of a request for a copy, and tell its password once; somebody else approves it.

    With --to, once it is approved: put the bundle into a folder, to be handed over.
    """
    with _desk() as at:
        one = at.request(code)
        if one.kind is not Kind.COPY:
            raise click.ClickException(_REMEDIES["not_this_kind"])
        if to is not None:
            click.echo(_given(at, one, to))
            return
        password = new_password()
        at.ask(PersonJobs(at.ground).prepare(one.request_id, at.who, password))
        bundle = at.ask(at.ground.book.bundles(one.request_id))[0]
    click.echo(f"SHA-256 {bundle.digest}\nPassword (shown once, kept nowhere): {password}")


def _given(at: _Desk, one: Request, to: Path) -> Path:
    """Copy an approved bundle; what a second person has not approved does not leave the house."""
    if one.state not in ("approved", "done"):
        raise click.ClickException("A second person has not approved it yet. Remedy: /berkas")
    there = [each for each in at.ask(at.ground.book.bundles(one.request_id)) if each.removed_at is None]
    if not there:
        raise click.ClickException("Its file was removed. Remedy: prepare it again")
    at.note("person_bundle_fetched", f"person:{one.request_id}")
    target = to / f"berkas-{one.code}{SUFFIX}"
    target.touch(mode=0o600)
    target.write_bytes((at.ground.folder / f"{there[0].bundle_id}{SUFFIX}").read_bytes())
    return target


def _line(one: Request, now: datetime) -> str:
    left = int((one.due_at - now).total_seconds() // 3600)
    clock = "" if not one.is_open else f"{left} h left" if left >= 0 else f"{-left} h late"
    return f"{one.code}  {one.kind:<11}  {one.state:<10}  {wib(one.received_at)}  {clock}".rstrip()

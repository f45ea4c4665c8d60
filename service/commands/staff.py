"""`kring staff`: who may sign in to the pages, and in which roles."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click

from domain.audit import AuditUnavailable
from domain.clock import SystemClock
from domain.staff import Staff, StaffRole, StaffUnavailable
from domain.staff_changes import differences
from service.aligned import aligned
from service.banner import web_address
from service.first_sign_in import forget_first_sign_in
from service.floor_client import user
from service.records import Records, open_records
from service.settings import Settings
from service.staff_csv import StaffCsvRefused, mistakes, read_staff
from service.staff_demo import demo_drafts, floor_agents
from service.staff_part import make_staff
from service.timeline import wib
from web.staff_change_models import StaffChangeView
from web.staff_drafts import StaffDraft, StaffFault
from web.staff_office import StaffFaults, StaffOffice

T = TypeVar("T")
_ROLE = click.Choice([role.value for role in StaffRole])
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_NAME = click.argument("user_name", metavar="USER")


@dataclass(frozen=True, slots=True)
class _Office:
    """The office of this installation, for one command."""

    office: StaffOffice
    records: Records
    settings: Settings
    who: str

    def ask(self, work: Callable[[StaffOffice], Awaitable[T]]) -> T:
        """Do something; what is wrong becomes a message to the user."""

        async def asked() -> T:
            return await work(self.office)

        try:
            return asyncio.run(asked())
        except StaffFault as fault:
            raise click.ClickException(f"{fault.field}: {fault.remedy}") from fault
        except KeyError as error:
            what, where = ("change", "changes") if isinstance(error.args[0], int) else ("user", "list")
            raise click.ClickException(f"There is no such {what}; look at: kring staff {where}") from error
        except (StaffUnavailable, AuditUnavailable) as error:
            raise click.ClickException(str(error)) from error

    def named(self, user_name: str) -> Staff:
        """Return who signs in with this name."""
        return self.ask(lambda office: office.named(user_name))


@contextmanager
def _opened() -> Iterator[_Office]:
    with open_records() as records:
        part = make_staff(records.database, records.vault, records.settings, SystemClock())
        try:
            yield _Office(part.office, records, records.settings, f"cli:{user()}")
        finally:
            part.passwords.close()


@click.group()
def command() -> None:
    """Who may sign in to the pages: people, their roles and one-time passwords."""


@command.command("list")
@_JSON
def list_staff(as_json: bool) -> None:
    """List everybody, by user name."""
    with _opened() as opened:
        people = opened.ask(lambda office: office.all())
    if as_json:
        for one in people:
            click.echo(json.dumps(_row(one)))
        return
    cells = [
        (one.user_name, one.display_name, " ".join(sorted(one.roles)), one.number or "–", one.team or "–",
         "disabled" if one.disabled else "")
        for one in people
    ]  # fmt: skip
    for line in aligned(("User", "Name", "Roles", "Number", "Team", ""), cells):
        click.echo(line)


@command.command()
@_NAME
@click.option("--name", "display_name", required=True, help="As it is shown on the pages.")
@click.option("--role", "roles", type=_ROLE, multiple=True, required=True, help="May be given several times.")
@click.option("--number", default="", help="Staff number on the floor; an agent needs one.")
@click.option("--team", default="", help="As in the floor's tables.")
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@_JSON
def create(
    user_name: str,
    display_name: str,
    roles: Sequence[str],
    number: str,
    team: str,
    language: str,
    as_json: bool,
) -> None:
    """Make USER. The one-time password is shown once, here, and kept nowhere."""
    draft = StaffDraft(user_name, display_name, tuple(roles), number, team, language)
    with _opened() as opened:
        made = opened.ask(lambda office: office.create(opened.who, draft))
        _tell([made], opened.settings, as_json=as_json)


@command.command()
@_NAME
@_JSON
def reset(user_name: str, as_json: bool) -> None:
    """Give USER a one-time password; sessions and the authenticator code of USER end."""
    with _opened() as opened:
        person = opened.named(user_name)
        password = opened.ask(lambda office: office.reset(opened.who, person.staff_id))
        forget_first_sign_in(opened.settings, person.user_name)
        _tell([(person, password)], opened.settings, as_json=as_json)


@command.command()
@_NAME
@click.option("--enable", is_flag=True, help="Let USER in again.")
def disable(user_name: str, enable: bool) -> None:
    """Shut USER out at once."""
    with _opened() as opened:
        person = opened.named(user_name)
        opened.ask(lambda office: office.set_disabled(opened.who, person.staff_id, disabled=not enable))
    click.echo(f"{person.user_name} may sign in again." if enable else f"{person.user_name} is shut out.")


@command.command()
@_NAME
@click.argument("roles", type=_ROLE, nargs=-1, required=True)
@click.option("--number", help="Another staff number.")
@click.option("--team", help="Another team.")
def roles(user_name: str, roles: Sequence[str], number: str | None, team: str | None) -> None:
    """Give USER these ROLES instead of the present ones; sessions of USER end."""
    with _opened() as opened:
        person = opened.named(user_name)
        draft = StaffDraft(
            person.user_name,
            person.display_name,
            tuple(roles),
            person.number if number is None else number,
            person.team if team is None else team,
            person.language,
        )
        after = opened.ask(lambda office: office.change(opened.who, person.staff_id, draft))
    click.echo(f"{after.user_name}: {', '.join(sorted(after.roles))}")


@command.command()
@click.argument("user_name", metavar="[USER]", default="")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@_JSON
def changes(user_name: str, limit: int, as_json: bool) -> None:
    """List what became of accounts, or of USER, newest first: who, when (WIB), before and after."""
    with _opened() as opened:
        names = {one.staff_id: one.user_name for one in opened.ask(lambda office: office.all())}
        if user_name:
            staff_id = opened.named(user_name).staff_id
            found = opened.ask(lambda office: office.changes_of(opened.who, staff_id))[:limit]
        else:
            found = opened.ask(lambda office: office.changes(opened.who, most=limit))
    for row in (StaffChangeView.of(one, names) for one in found):
        click.echo(row.model_dump_json() if as_json else _told(row))


@command.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--why", default="", help="The reason, for the record.")
def undo(number: int, dry_run: bool, why: str) -> None:
    """Undo a change of an account and leave later ones; refused with the reason where it cannot be."""
    with _opened() as opened:
        before, after = opened.ask(lambda office: office.undo_preview(opened.who, number))
        if not dry_run:
            opened.ask(lambda office: office.undo(opened.who, number, why))
    for name, (old, new) in differences(before, after).items():
        click.echo(f"{after.user_name}: {name}: {old or '–'} → {new or '–'}")
    click.echo("Nothing was changed." if dry_run else f"Change {number} is undone.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="CSV")
@_JSON
def import_file(file: Path, as_json: bool) -> None:
    """Make everybody of a CSV file, or with a mistake nobody.

    Columns: user_name, display_name, roles (separated by spaces), number, team, language. The one-time
    passwords are shown once, here.
    """
    with _opened() as opened:
        try:
            rows = read_staff(file)
            drafts = [row.draft for row in rows]
            made = opened.ask(lambda office: office.create_all(opened.who, drafts))
        except StaffCsvRefused as refused:
            raise click.ClickException(f"Nobody was made.\n{refused}") from refused
        except StaffFaults as faults:
            raise click.ClickException(f"Nobody was made.\n{mistakes(file, rows, faults)}") from faults
        _tell(made, opened.settings, as_json=as_json)


@command.command()
@click.option("--end", is_flag=True, help="Shut the made-up people out again.")
@_JSON
def demo(end: bool, as_json: bool) -> None:
    """Make sign-ins for the example agents and for those who lead, watch and order their work.

    Puts the example agents in force where the floor has none. Run again, it gives fresh passwords.
    """
    with _opened() as opened:
        agents, put = floor_agents(opened.records.database, opened.records.vault, user())
        if put:
            click.echo("The example agents are in force (kring acd tables history).", err=True)
        drafts = demo_drafts(agents)
        if end:
            opened.ask(lambda office: _end_demo(office, opened.who, drafts))
            click.echo("The made-up people are shut out.")
            return
        made = opened.ask(lambda office: _demo(office, opened.who, drafts))
        _tell(made, opened.settings, as_json=as_json)


async def _end_demo(office: StaffOffice, who: str, drafts: Sequence[StaffDraft]) -> None:
    names = {draft.user_name for draft in drafts}
    for one in await office.all():
        if one.user_name in names and not one.disabled:
            await office.set_disabled(who, one.staff_id, disabled=True)


async def _demo(office: StaffOffice, who: str, drafts: Sequence[StaffDraft]) -> Sequence[tuple[Staff, str]]:
    """Make or refresh the people of the demonstration; their passwords need not be changed."""
    known = {one.user_name: one for one in await office.all()}
    made = list(
        await office.create_all(
            who, [draft for draft in drafts if draft.user_name not in known], must_change=False
        )
    )
    for draft in drafts:
        person = known.get(draft.user_name)
        if person is None:
            continue
        if person.disabled:
            await office.set_disabled(who, person.staff_id, disabled=False)
        password = await office.reset(who, person.staff_id, must_change=False)
        made.append((replace(person, disabled=False), password))
    return sorted(made, key=lambda one: one[0].user_name)


def _tell(made: Sequence[tuple[Staff, str]], settings: Settings, *, as_json: bool) -> None:
    if as_json:
        for one, password in made:
            click.echo(json.dumps({**_row(one), "password": password}))
        return
    cells = [(one.user_name, password, " ".join(sorted(one.roles))) for one, password in made]
    for line in aligned(("User", "Password", "Roles"), cells):
        click.echo(line)
    click.echo(f"Sign in at {web_address(settings)}masuk  (the passwords are shown only now)")


def _told(row: StaffChangeView) -> str:
    fields = "; ".join(
        f"{one.field}: {one.after}"
        if row.act == "made"
        else f"{one.field}: {one.before or '–'} → {one.after or '–'}"
        for one in row.fields
    )
    undone = (
        f"undoes {row.undoes}" if row.undoes else "",
        f"undone by {row.undone_by}" if row.undone_by else "",
    )
    parts = (f"{wib(row.at)} WIB", row.who, row.user_name, row.act, fields, row.why, *undone)
    return "  ".join([f"{row.number:>5}", *filter(None, parts)])


def _row(one: Staff) -> dict[str, object]:
    return {
        "staff_id": one.staff_id,
        "user_name": one.user_name,
        "display_name": one.display_name,
        "roles": sorted(one.roles),
        "number": one.number,
        "team": one.team,
        "language": one.language,
        "disabled": one.disabled,
    }

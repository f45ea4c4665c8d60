"""`kring quality`: the forms by which calls are scored, and what was scored."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from desk.tables import BadTable
from desk.working_days import office_day
from domain.audit import AuditRow, AuditUnavailable
from domain.staff import StaffUnavailable
from recording.ports import RecordingsUnavailable
from recording.quality.forms import FORMS, Form, FormsUnavailable, KeptForm, in_force
from recording.quality.forms_book import read_file
from recording.quality.scores import Kind, Score, ScoreQuery, ScoreState, ScoresUnavailable
from recording.quality.scoring_figures import By, FigureQuery, ScoreFigure
from service.commands.calls import Moment
from service.floor_client import user
from service.records import Records, open_records
from service.timeline import wib
from storage.audit import DurableAudit
from storage.quality_forms import DurableForms
from storage.score_figures import DurableScoreFigures
from storage.scores import DurableScores
from storage.staff import DurableStaff

T = TypeVar("T")
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
_NAME = click.Choice(FORMS)
_LANGUAGE = click.option("--lang", type=click.Choice(["id", "en"]), help="Default: the setting `language`.")
_NOBODY = "?"  # somebody who is not among the staff any more


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the commands work with."""

    records: Records
    forms: DurableForms

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; what is wrong becomes a message."""
        try:
            return asyncio.run(work)
        except BadTable as error:
            for problem in error.problems:
                click.echo(str(problem), err=True)
            count = len(error.problems)
            told = f"{count} mistake{'s' if count > 1 else ''}; nothing was changed"
            raise click.ClickException(told) from error
        except (AuditUnavailable, FormsUnavailable, ScoresUnavailable, StaffUnavailable) as error:
            raise click.ClickException(str(error)) from error

    def audit(self, act: str, subject: str, **data: str) -> None:
        """Put an act on the trail, before it is done or anything is shown."""
        row = AuditRow(datetime.now(UTC), f"cli:{user()}", act, subject, data=data)
        self.ask(DurableAudit(self.records.database).record(row))


@contextmanager
def _opened() -> Iterator[_Desk]:
    with open_records() as records:
        yield _Desk(records, DurableForms(records.database))


class _HoldsNothing:
    """Holds of a command line, which scores nothing."""

    async def hold(self, recording_id: str, reason: str, by: str) -> None:
        """Refuse."""
        raise RecordingsUnavailable("the command line scores nothing")

    async def release(self, recording_id: str, reason: str, by: str) -> None:
        """Refuse."""
        raise RecordingsUnavailable("the command line scores nothing")


@click.group()
def command() -> None:
    """The forms by which calls are scored, and what was scored."""


# ---- Forms


@command.group()
def forms() -> None:
    """Check, import, list and show the forms by which calls are scored.

    A new version holds for calls from its `valid_from` on. Scores keep the version they were given under.
    """


@forms.command()
@_FILE
def check(file: Path) -> None:
    """Check a form as an import would, and say what would change.

    Every mistake is told with file, line and remedy; the exit status is then 1.
    """
    with _opened() as desk:
        form = desk.ask(_checked(desk, file))
        _tell_changes(desk, form)
    click.echo(f"All in order: it would be version {form.version}. Nothing was changed.")


@forms.command("import")
@_FILE
@click.option("--why", default="", help="Why, for the record.")
def import_form(file: Path, why: str) -> None:
    """Keep a form as the next version; with a mistake nothing is kept."""
    with _opened() as desk:
        form = desk.ask(_checked(desk, file))
        _tell_changes(desk, form)
        desk.audit("quality_form_kept", f"form:{form.name}", version=str(form.version))
        text = desk.ask(_text(file))
        kept = desk.ask(desk.forms.keep(file.name, text, datetime.now(UTC), f"cli:{user()}", why))
    click.echo(f"{kept.name}, version {kept.version}: for calls from {kept.valid_from} on.")


@forms.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: one version per line.")
def list_forms(as_json: bool) -> None:
    """List every version: when it holds, who brought it, why."""
    with _opened() as desk:
        versions = desk.ask(desk.forms.versions())
    today = office_day(datetime.now(UTC))
    for one in versions:
        same = [other.form for other in versions if other.form.name == one.form.name]
        now = in_force(same, today).version == one.form.version
        state = "in force" if now else ("later" if one.form.valid_from > today else "over")
        click.echo(json.dumps(_header(one, state)) if as_json else _line(one, state))


@forms.command()
@click.argument("name", type=_NAME)
@click.option("--version", type=click.IntRange(1), help="Default: the one in force today.")
@click.option(
    "--yaml", "as_yaml", is_flag=True, help="The text as it was imported; it can be imported again."
)
@_LANGUAGE
def show(name: str, version: int | None, as_yaml: bool, lang: str | None) -> None:
    """Show a form: weights, items, facts, effects, and what of it is assumed."""
    with _opened() as desk:
        versions = desk.ask(desk.forms.versions(name))
        language = lang or desk.records.settings.language
    found = [one for one in versions if one.form.version == version]
    if version is None:
        today = in_force([one.form for one in versions], office_day(datetime.now(UTC)))
        found = [one for one in versions if one.form.version == today.version]
    if not found:
        raise click.ClickException(
            f"there is no version {version} of {name}; look at: kring quality forms list"
        )
    if as_yaml:
        click.echo(found[0].text, nl=False)
        return
    for line in _shown(found[0].form, language):
        click.echo(line)


async def _checked(desk: _Desk, file: Path) -> Form:
    return await desk.forms.check(file.name, await _text(file), datetime.now(UTC))


async def _text(file: Path) -> str:
    return read_file(file)


def _tell_changes(desk: _Desk, form: Form) -> None:
    """Say how many points each item would be worth that is worth something else now."""
    newest = desk.ask(desk.forms.versions(form.name))[0].form
    before, after = _worths(newest), _worths(form)
    for code in dict.fromkeys((*before, *after)):
        if before.get(code) != after.get(code):
            click.echo(f"{code}: {before.get(code, 'new')} → {after.get(code, 'gone')}")


def _worths(form: Form) -> Mapping[str, str]:
    """Return what each criterion and item is worth where nothing is N/A."""
    found = {criterion.code: f"{criterion.weight:f}" for criterion in form.criteria}
    for criterion in form.criteria:
        for item in criterion.items:
            found[f"{criterion.code}.{item.code}"] = f"{criterion.weight * item.share / 100:.2f}"
    return found


def _header(one: KeptForm, state: str) -> Mapping[str, object]:
    return {
        "form": one.form.name,
        "version": one.form.version,
        "valid_from": one.form.valid_from.isoformat(),
        "state": state,
        "at": one.at.isoformat(),
        "by": one.by,
        "why": one.why,
    }


def _line(one: KeptForm, state: str) -> str:
    form = one.form
    line = f"{form.name:<10} {form.version:>3}  from {form.valid_from}  {state:<8}  {one.by}  {one.why}"
    return line.rstrip()


def _shown(form: Form, language: str) -> Iterator[str]:
    yield f"{form.title[language]}, {form.name} version {form.version}, from {form.valid_from}; {form.source}"
    for criterion in form.criteria:
        assumed = "  [assumed]" if criterion.assumed else ""
        yield f"{criterion.weight:>5f}  {criterion.text[language]} ({criterion.code}){assumed}"
        for item in criterion.items:
            na = ", N/A" if item.na else ""
            yield f"       {item.share:>5f} %  {item.text[language]} ({item.code}{na})"
            for part in item.parts:
                yield f"                {part.text[language]} ({part.code})"
    for fact in form.facts:
        default = f", default {fact.default}" if fact.default else ""
        yield f"? {fact.text[language]} ({fact.code}: {', '.join(fact.values)}{default})"
    for effect in form.effects:
        when = ", ".join(f"{code} = {'/'.join(values)}" for code, values in effect.when.items())
        does = " and ".join(
            f"{word} for {', '.join(targets)}"
            for word, targets in (("0", effect.zero), ("full marks", effect.full))
            if targets
        )
        assumed = "  [assumed]" if effect.assumed else ""
        yield f"! {effect.text[language]} ({when}: {does}){assumed}"
    assumed = "  [assumed]" if form.na.assumed else ""
    yield f"N/A: {form.na.text[language]}{assumed}"


# ---- Scores


def _asked(given: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--since", type=Moment(), default="30d", show_default=True, help="Made final then or later."
        ),
        click.option("--until", type=Moment(), help="Made final before then."),
        click.option("--agent", help="User name of whose work it is."),
        click.option("--reviewer", help="User name of who scored."),
    ):
        given = option(given)
    return given


@command.command()
@_asked
@click.option(
    "--by",
    multiple=True,
    type=click.Choice([by.value for by in By]),
    help="Figures, told apart by this; may be repeated.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="For programs: one row per line.")
def scores(
    since: datetime,
    until: datetime | None,
    agent: str | None,
    reviewer: str | None,
    by: Sequence[str],
    limit: int,
    as_json: bool,
) -> None:
    """List final scores, newest first, or with --by their means and counts; it is put on record.

    Figures are of scores that count: reviews, and what replaced them after an appeal.
    """
    with _opened() as desk:
        staff = desk.ask(DurableStaff(desk.records.database, desk.records.vault).all())
        names = {one.staff_id: one.user_name for one in staff}
        numbers = {one.number: one.user_name for one in staff if one.number}
        agents = (_code(numbers, agent),) if agent else None
        whom = _code(names, reviewer) if reviewer else ""
        until = until or datetime.now(UTC) + timedelta(seconds=1)
        if by:
            desk.audit("score_figures_viewed", "score:", by=",".join(by))
            query = FigureQuery([By(one) for one in by], since, until, agents, reviewer=whom)
            over = DurableScoreFigures(desk.records.database)
            rows, left_out = desk.ask(over.figures(query)), desk.ask(over.left_out(query))
            if left_out:
                click.echo(f"Left out, for their recordings are restricted: {left_out}", err=True)
            told = [_figure(one, by, names, numbers) for one in rows]
        else:
            desk.audit("scores_listed", "score:")
            kept = DurableScores(desk.records.database, desk.records.vault, _HoldsNothing())
            asked = ScoreQuery(agents or (), whom, "", tuple(Kind), _FINAL, "", since, until, limit)
            told = [_score(one, names, numbers) for one in desk.ask(kept.find(asked))]
    for row in told[:limit]:
        click.echo(json.dumps(row) if as_json else "  ".join(str(value) for value in row.values()))
    if not told:
        click.echo("No scores.", err=True)


_FINAL = tuple(state for state in ScoreState if state is not ScoreState.DRAFT)


def _code(names: Mapping[str, str], user_name: str) -> str:
    """Return whose user name this is."""
    for code, name in names.items():
        if name == user_name:
            return code
    raise click.ClickException(
        f"nobody of that kind has the user name {user_name!r}; look at: kring staff list"
    )


def _figure(
    one: ScoreFigure, by: Sequence[str], names: Mapping[str, str], numbers: Mapping[str, str]
) -> Mapping[str, object]:
    told: dict[By, str] = {
        By.AGENT: numbers.get(one.agent, _NOBODY),
        By.CRITERION: one.criterion,
        By.FORM: f"{one.form} {one.form_version}",
        By.REVIEWER: names.get(one.reviewer, _NOBODY),
    }
    row: dict[str, object] = {key.value: told[key] for key in By if key in by}
    return row | {"scores": one.count, "mean": str(one.mean), "percent": f"{one.percent} %"}


def _score(one: Score, names: Mapping[str, str], numbers: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "final_at": wib(one.final_at) if one.final_at else "",
        "score_id": one.score_id,
        "recording_id": one.recording_id,
        "form": f"{one.form} {one.form_version}",
        "kind": one.kind.value,
        "state": one.state.value,
        "total": str(one.result.total) if one.result else "",
        "agent": numbers.get(one.agent, _NOBODY),
        "reviewer": names.get(one.reviewer, _NOBODY),
    }

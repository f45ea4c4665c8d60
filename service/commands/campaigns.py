"""`kring campaigns`: define, run and explain campaigns."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from desk.working_days import office_day
from dialer.campaigns import Campaign, CampaignState
from dialer.campaigns_text import to_plain
from dialer.dry_run import CALLED, DryRunReport
from dialer.leads import LeadState
from service.aligned import aligned
from service.alive import note_if_away
from service.campaign_desk import CampaignDesk, as_yaml, definition_of, opened, read_definition
from service.commands.campaign_guards import kill_switch, outcomes, suppress, unsuppress
from service.timeline import wib

_CAMPAIGN = click.argument("campaign", metavar="CAMPAIGN")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_DAY = click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="A day to come (WIB). Default: today.")


@click.group()
def command() -> None:
    """Define, run and explain campaigns. CAMPAIGN is its id, or how it begins."""


for _guard in (kill_switch, outcomes, suppress, unsuppress):
    command.add_command(_guard)


@command.command("list")
@_JSON
def list_campaigns(as_json: bool) -> None:
    """List campaigns, newest first."""
    with opened() as desk:
        found = desk.ask(desk.part.campaigns.all())
        switch = desk.ask(desk.part.switch.latest())
    if as_json:
        for one in found:
            click.echo(json.dumps(_row(one)))
        return
    cells = [
        (one.campaign_id[:8], one.state.value, one.definition.kind.value, one.definition.pacing.value,
         str(one.definition.priority), str(len(one.lists)), one.definition.title)
        for one in found
    ]  # fmt: skip
    for line in aligned(("Campaign", "State", "Kind", "Pacing", "Priority", "Lists", "Title"), cells):
        click.echo(line)
    if switch is not None and switch.thrown:
        click.echo(f"The kill switch is thrown since {wib(switch.at)} WIB: {switch.reason}", err=True)


@command.command()
@_CAMPAIGN
@click.option("--yaml", "only_yaml", is_flag=True, help="Only the definition, as `create` takes it.")
@_JSON
def show(campaign: str, only_yaml: bool, as_json: bool) -> None:
    """Show a campaign: its definition, its leads by state and reason, and who did what to it."""
    with opened() as desk:
        one = desk.campaign(campaign)
        counts = desk.ask(desk.part.leads.reasons(one.campaign_id))
        history = desk.ask(desk.part.campaigns.history(one.campaign_id))
        if as_json:
            leads = [{"state": s.value, "reason": r, "leads": n} for (s, r), n in sorted(counts.items())]
            click.echo(json.dumps({**_row(one), "definition": to_plain(one.definition), "leads": leads}))
            return
        click.echo(as_yaml(one.definition), nl=False)
        if only_yaml:
            return
        click.echo(f"\n{one.campaign_id}  {one.state.value}, version {one.version}")
        for (state, reason), number in sorted(counts.items()):
            told = desk.why(reason) if reason else "not called yet" if state is LeadState.READY else ""
            click.echo(f"{number:>9}  {state.value:8}  {told}".rstrip())
        for at, who, what in history:
            click.echo(f"{wib(at)} WIB  {who}  {what}")


@command.command()
@_FILE
def create(file: Path) -> None:
    """Keep a new draft, defined in FILE (YAML; see `show --yaml`)."""
    plain, line = read_definition(file)
    with opened(defines=True) as desk:
        definition = definition_of(desk, plain, line)
        one = desk.ask(desk.part.campaigns.create(definition, desk.who, datetime.now(UTC)), line)
    click.echo(f"{one.campaign_id}: a draft. Next: kring campaigns add-list {one.campaign_id[:8]} LIST")


@command.command()
@_CAMPAIGN
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--set", "changes", multiple=True, metavar="FIELD=VALUE", help="Only this; several for several."
)
def change(campaign: str, file: Path | None, changes: tuple[str, ...]) -> None:
    """Keep a new version, defined in FILE or by --set, e.g. `--set pacing=predictive --set most_lines=60`.

    It may run meanwhile: the next dial is placed by the new version.
    """
    if (file is None) == (not changes):
        raise click.UsageError("name either FILE or --set FIELD=VALUE")
    plain, line = read_definition(file) if file is not None else ({}, {})
    with opened(defines=True) as desk:
        one = desk.campaign(campaign)
        if file is None:
            plain = _changed(to_plain(one.definition), changes)
        definition = definition_of(desk, plain, line)
        store = desk.part.campaigns
        work = store.change(one.campaign_id, one.version, definition, desk.who, datetime.now(UTC))
        after = desk.ask(work, line)
    click.echo(f"{one.campaign_id}: version {after.version} is in force.")


@command.command()
@_CAMPAIGN
@click.argument("title")
def copy(campaign: str, title: str) -> None:
    """Keep a new draft like CAMPAIGN, called TITLE, without its dates and lists."""
    with opened(defines=True) as desk:
        one = desk.campaign(campaign)
        made = desk.ask(desk.part.campaigns.copy(one.campaign_id, title, desk.who, datetime.now(UTC)))
    click.echo(f"{made.campaign_id}: a draft.")


@command.command("add-list")
@_CAMPAIGN
@click.argument("list_id", metavar="LIST")
def add_list(campaign: str, list_id: str) -> None:
    """Make leads of an approved LIST's contacts; a share of them is the control group, never called."""
    with opened() as desk:
        one = desk.campaign(campaign)
        now = datetime.now(UTC)
        made = desk.ask(desk.part.campaigns.add_list(one.campaign_id, list_id, desk.who, now))
    click.echo(f"{one.campaign_id}: {made} leads.")


@command.command()
@_CAMPAIGN
def start(campaign: str) -> None:
    """Start it, or go on: a running service dials within a second, inside the window."""
    _move(campaign, CampaignState.RUNNING, "runs")


@command.command()
@_CAMPAIGN
def pause(campaign: str) -> None:
    """Place no new dial; those that ring go on."""
    _move(campaign, CampaignState.PAUSED, "is paused")


@command.command()
@_CAMPAIGN
def stop(campaign: str) -> None:
    """Place no new dial, and cancel those that ring."""
    _move(campaign, CampaignState.STOPPED, "is stopped")


@command.command()
@_CAMPAIGN
def finish(campaign: str) -> None:
    """Close it: nobody is left to call, or it is over."""
    _move(campaign, CampaignState.FINISHED, "is finished")


@command.command("dry-run")
@_CAMPAIGN
@_DAY
@click.option("--reason", help="List leads with this reason (as told in [brackets]) instead.")
@click.option("--after", default=0, help="With --reason: those after this lead.")
@_JSON
def dry_run(campaign: str, day: datetime | None, reason: str | None, after: int, as_json: bool) -> None:
    """Say who would be called today, who not, and why: by the gate itself, without dialling."""
    with opened() as desk:
        one, now = desk.campaign(campaign), datetime.now(UTC)
        asked = None if day is None else day.date()
        if asked is not None and asked < office_day(now):
            raise click.UsageError("--day is past")
        run = desk.part.dry_run
        if reason is not None:
            found = desk.ask(run.examples(one, now, reason, after, 100, asked))
            for lead_id in found:
                click.echo(lead_id)
            return
        report = desk.ask(run.run(one, now, asked))
        if as_json:
            click.echo(json.dumps(_report(report)))
        else:
            _tell(desk, one, report)


@command.command()
@click.argument("lead", type=int, metavar="LEAD")
def why(lead: int) -> None:
    """Say how a LEAD (its number, as the dry run lists it) stands, and why it is not called now."""
    with opened() as desk:
        try:
            it = desk.ask(desk.part.leads.get(lead))
        except KeyError as error:
            raise click.ClickException("There is no such lead; look at: kring campaigns dry-run") from error
        one, now = desk.ask(desk.part.campaigns.get(it.campaign_id)), datetime.now(UTC)
        switch = desk.ask(desk.part.switch.latest())
        told = f", last: {desk.why(it.reason)}" if it.reason else ""
        click.echo(f"Lead {lead} of {one.definition.title!r}: {it.state.value}, {it.attempts} attempts{told}")
        if it.state is LeadState.DONE:
            click.echo("It is not called again.")
            return
        killed = switch is not None and switch.thrown
        refusal = desk.ask(desk.part.dry_run.why(one, it, now, killed=killed))
        click.echo(f"Due {wib(it.due_at)} WIB{', promised' if it.promised else ''}")
        if refusal is None:
            click.echo("Nothing speaks against calling now; it waits for its turn, an agent and a line.")
            return
        click.echo(f"Not called now: {desk.why(refusal.why.value)} [{refusal.why.value}]")
        if refusal.until is not None:
            click.echo(f"Asked again {wib(refusal.until)} WIB")


def _move(campaign: str, to: CampaignState, told: str) -> None:
    with opened() as desk:
        one = desk.campaign(campaign)
        desk.ask(desk.part.campaigns.move(one.campaign_id, to, desk.who, datetime.now(UTC)))
    click.echo(f"{one.campaign_id} {told}.")
    if to is CampaignState.RUNNING:
        note_if_away(desk.records.settings)


def _changed(plain: dict[str, Any], changes: tuple[str, ...]) -> dict[str, Any]:
    """Return plain values with changes such as `caps.day=1`."""
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise click.UsageError(f"--set {change}: write FIELD=VALUE")
        *way, last = name.split(".")
        part: Any = plain
        for key in way:
            part = part.setdefault(key, {}) if isinstance(part, dict) else None
        if not isinstance(part, dict):
            raise click.UsageError(f"--set {change}: {name} has no such part")
        part[last] = [one for one in value.split(",") if one] if isinstance(part.get(last), list) else value
    return plain


def _tell(desk: CampaignDesk, one: Campaign, report: DryRunReport) -> None:
    click.echo(f"{one.definition.title}: {report.leads} leads, on {report.day:%Y-%m-%d}")
    click.echo(f"{report.called:>9}  would be called [{CALLED}]")
    for reason, count in sorted(report.refused.items(), key=lambda pair: -pair[1]):
        some = ", ".join(map(str, report.examples.get(reason.value, [])[:3]))
        click.echo(f"{count:>9}  {desk.why(reason.value)} [{reason.value}]{f'  e.g. {some}' if some else ''}")
    for done, count in sorted(report.done.items(), key=lambda pair: -pair[1]):
        click.echo(f"{count:>9}  done: {desk.why(done)}")
    if one.state is not CampaignState.RUNNING:
        click.echo(f"It is not running ({one.state.value}): nobody is called until it is started.", err=True)


def _report(report: DryRunReport) -> Mapping[str, object]:
    return {
        "day": report.day.isoformat(),
        "leads": report.leads,
        "called": report.called,
        "refused": {reason.value: count for reason, count in report.refused.items()},
        "done": report.done,
        "examples": report.examples,
    }


def _row(one: Campaign) -> Mapping[str, object]:
    return {
        "campaign_id": one.campaign_id,
        "title": one.definition.title,
        "kind": one.definition.kind.value,
        "pacing": one.definition.pacing.value,
        "state": one.state.value,
        "version": one.version,
        "lists": list(one.lists),
    }

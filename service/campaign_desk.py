"""What the commands of `kring campaigns` work with, and how they show campaigns."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import yaml

from acd.tables_csv import CsvRefused
from call_flows.book import load_folder
from call_flows.known import Known
from call_flows.problems import FlowError
from call_flows.reading import Many, Node, Table, Text, read
from desk.script_book import load_scripts
from desk.tables import BadTable
from dialer.campaigns import Campaign, CampaignChanged, CampaignRefused, CampaignsUnavailable, Definition
from dialer.campaigns_text import Plain, from_plain, to_plain
from dialer.leads import LeadsUnavailable
from dialer.reasons import WhyNot
from domain.directory import DirectoryUnavailable
from ivr.hours_tables import load_office_hours
from prompts.errors import PromptError
from prompts.library import Library
from service.campaign_choices import OfferedChoices
from service.campaign_part import CampaignPart, Names, load_tables, make_campaigns
from service.floor_client import user
from service.page_ports import OfficeCalendar
from service.records import Records, open_records
from storage.acd_tables import AcdTables
from storage.calendar import CalendarOverrides
from web.texts import Texts

T = TypeVar("T")
_LEAST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class CampaignDesk:
    """What a command works with."""

    records: Records
    part: CampaignPart
    texts: Texts
    who: str

    def ask(self, work: Coroutine[Any, Any, T], line: Mapping[str, int] | None = None) -> T:
        """Do something; what is wrong becomes a message. `line`: of a definition's fields in their file."""
        try:
            return asyncio.run(work)
        except CampaignRefused as refused:
            raise click.ClickException(self.refusal(refused, line or {})) from refused
        except CampaignChanged as error:
            raise click.ClickException(
                "The campaign's state does not allow this, or somebody changed it meanwhile. "
                "Remedy: kring campaigns show CAMPAIGN, then try again"
            ) from error
        except (CampaignsUnavailable, LeadsUnavailable, DirectoryUnavailable) as error:
            raise click.ClickException(str(error)) from error

    def refusal(self, refused: CampaignRefused, line: Mapping[str, int]) -> str:
        """Return a refusal in words."""
        name = f"campaigns_refused.{refused.word}"
        words = refused.word.replace("_", " ")
        if name in self.texts:
            words = self.texts.say("en", name, value=refused.value)
        at = line.get(refused.field.partition(".")[0])
        value = f" ({refused.value})" if refused.value and refused.value not in words else ""
        return (
            f"{f'line {at}: ' if at else ''}{refused.field}: {words.rstrip('.')}{value}. Nothing was changed"
        )

    def why(self, reason: str) -> str:
        """Return a reason of the gate, an outcome or a disposition in words."""
        if reason in list(WhyNot):
            return self._said(f"outbound_why.{reason}", reason)
        row = self.part.tables.dispositions.at(datetime.now(UTC)).dispositions.get(reason)
        return row.words("en") if row is not None else self._said(f"outbound_outcome.{reason}", reason)

    def campaign(self, start: str) -> Campaign:
        """Return the campaign whose id begins so."""
        found = [one for one in self.ask(self.part.campaigns.all()) if one.campaign_id.startswith(start)]
        if len(found) != 1 or len(start) < _LEAST_PREFIX:
            known = "several campaigns begin" if len(found) > 1 else "no campaign begins"
            raise click.ClickException(f"{known} with {start!r}; look at: kring campaigns list")
        return found[0]

    def _said(self, name: str, otherwise: str) -> str:
        return self.texts.say("en", name) if name in self.texts else otherwise.replace("_", " ")


@contextmanager
def opened(*, defines: bool = False) -> Iterator[CampaignDesk]:
    """Open what commands need for as long as the block lasts. `defines`: definitions are to be checked."""
    with open_records() as records:
        names = _names(records) if defines else Names.none()
        overrides = asyncio.run(CalendarOverrides(records.database).all())
        hours = load_office_hours().with_overrides(overrides)
        calendar = OfficeCalendar(lambda: hours)
        part = make_campaigns(records.database, records.vault, load_tables(), calendar, lambda: names)
        yield CampaignDesk(records, part, Texts.load(), f"cli:{user()}")


def read_definition(path: Path) -> tuple[Plain, Mapping[str, int]]:
    """Return a YAML file's definition as plain values, and the lines of its fields."""
    try:
        table = read(path.name, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path}: is not UTF-8") from error
    except FlowError as error:
        raise click.ClickException(str(error)) from error
    return {name: _plain(node) for name, node in table.entries.items()}, table.key_lines


def definition_of(desk: CampaignDesk, plain: Plain, line: Mapping[str, int]) -> Definition:
    """Return the definition that plain values tell; what is wrong becomes a message."""
    try:
        return from_plain(plain)
    except CampaignRefused as refused:
        raise click.ClickException(desk.refusal(refused, line)) from refused


def as_yaml(definition: Definition) -> str:
    """Return a definition as a file that `create` and `change` take."""
    return yaml.safe_dump(to_plain(definition), sort_keys=False, allow_unicode=True, width=100)


def _plain(node: Node) -> Any:
    match node:
        case Text():
            return node.value
        case Many():
            return [_plain(item) for item in node.items]
        case Table():
            return {name: _plain(one) for name, one in node.entries.items()}


def _names(records: Records) -> Names:
    try:
        known = Known.of(Library.load(records.settings.prompts))
        book = load_folder(records.settings.flows, known)
        scripts = load_scripts()
        _, skillbook = asyncio.run(AcdTables(records.database, records.vault).book())
    except (BadTable, CsvRefused, FlowError, PromptError) as error:
        raise click.ClickException(str(error)) from error
    return OfferedChoices(scripts, lambda: book, lambda: skillbook, Texts.load()).names()

"""Tables that come as files with the product and can be set here: where each is, who reads and checks it."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import acd.blending
import desk.matter_data
import dialer.kinds
import dialer.outcomes
import ivr.hours_tables
import recording.listening_rules
import recording.persons_table
import recording.quality.appeals_table
import recording.retention
import reporting.facts
import reporting.planning.table
import reporting.schedule_rules
from acd.blending import BlendingRefused
from desk.branches import load_branches, load_results
from desk.cases import load_cases
from desk.complaints import load_complaints
from desk.matter_data import TableProblem
from desk.matters_callbacks_table import load_callbacks
from desk.matters_work import load_work
from desk.promises import load_promises
from desk.proof_rules import ProofTableProblem, load_proof_tables
from desk.requests import load_requests
from desk.spelling import load_spelling
from desk.table_text import BadText, read_text
from desk.tables import BadTable
from desk.tax_dates import load_tax_dates
from dialer.desk_rules import load_desk_rules
from dialer.dispositions import load_dispositions
from dialer.retry import load_retry
from dialer.rows_tables import load_places, load_words
from domain.own_tables import own_name
from ivr.campaign_look_ups import load_remembered
from recording.quality.coaching import load_coaching_table
from recording.quality.sampling_rules import load_task_rules
from recording.quality.scoring_words import load_reasons
from reporting.offline_rules import load_offline_table
from reporting.planning.table import load_planning
from reporting.reports_monthly import load_shape
from reporting.reports_rules import load_report_rules
from web.config_port import ConfigRefused, Form, Mistake
from web.config_text import line_of

_LINE = re.compile(r"\bline (\d+)")
_PLACE = re.compile(r"`\$\.?([^`]*)`")
_CELL = re.compile(r"row (\d+)(?:, (\w+): `([^`]*)`(?: |: )|: )")
_ROW = re.compile(r"\b([a-z_]+), row (\d+)")


@dataclass(frozen=True, slots=True)
class FileKind:
    """A table that is a file of the product."""

    name: str
    group: str
    path: Path  # the shipped file
    read: Callable[[Path], object]  # reads it out of a folder that holds it and those beside it; raises

    @property
    def form(self) -> Form:
        """Return how it is written."""
        return Form(self.path.suffix.removeprefix("."))

    @property
    def file(self) -> str:
        """Return its name in mistakes, and below the folder of an installation's own tables."""
        return own_name(self.path)

    def shipped(self) -> str:
        """Return the product's text."""
        return self.path.read_text(encoding="utf-8")

    def check(self, text: str, beside: Mapping[str, str]) -> None:
        """Raise ConfigRefused unless the table's own reader takes the text.

        `beside`: texts of other files of the same folder that differ from the shipped ones, by name.
        """
        if self.form is Form.YAML:
            check_yaml(text)
        with tempfile.TemporaryDirectory(prefix="kring-tables-") as made:
            folder = Path(made)
            for path in self.path.parent.glob(f"*{self.path.suffix}"):
                shutil.copyfile(path, folder / path.name)
            for name, other in {**beside, self.path.name: text}.items():
                (folder / name).write_text(other, encoding="utf-8")
            try:
                self.read(folder)
            except BadTable as error:
                raise ConfigRefused(
                    [Mistake(one.line, "", "", one.what, one.remedy) for one in error.problems]
                ) from error
            except _PROBLEMS as error:
                raise ConfigRefused(
                    [mistake_of(str(error).replace(f"{folder}/", ""), text, self.path.name)]
                ) from error


_PROBLEMS = (
    TableProblem,
    ProofTableProblem,
    ivr.hours_tables.TableProblem,
    BlendingRefused,
    msgspec.ValidationError,
    KeyError,
    ValueError,
)


def _now() -> datetime:
    return datetime.now(UTC)


def _kinds() -> Iterator[FileKind]:
    hours, desk_, dial = ivr.hours_tables.DATA, desk.matter_data.DATA, dialer.kinds.DATA
    kept, quality = recording.listening_rules.DATA, recording.quality.appeals_table.DATA
    yield FileKind(
        "ivr_hours",
        "hours",
        hours / "hours.yaml",
        lambda f: ivr.hours_tables.load_timetable(f / "hours.yaml"),
    )
    yield FileKind("ivr_callbacks", "hours", hours / "callbacks.yaml", ivr.hours_tables.load_callback_rules)
    yield FileKind("ivr_campaign_calls", "hours", hours / "campaign_calls.yaml", load_remembered)
    yield FileKind(
        "acd_blending",
        "floor",
        acd.blending.DATA,
        lambda f: acd.blending.read((f / "blending.csv").read_text(encoding="utf-8")),
    )
    yield FileKind("desk_branches", "desk", desk_ / "branches.yaml", load_branches)
    yield FileKind("desk_results", "desk", desk_ / "results.yaml", load_results)
    yield FileKind("desk_cases", "desk", desk_ / "cases.yaml", load_cases)
    yield FileKind("desk_complaints", "desk", desk_ / "complaints.yaml", load_complaints)
    yield FileKind("desk_promises", "desk", desk_ / "promises.yaml", load_promises)
    yield FileKind("desk_requests", "desk", desk_ / "requests.yaml", load_requests)
    yield FileKind(
        "desk_proof_items",
        "desk",
        desk_ / "proof_items.yaml",
        lambda f: load_proof_tables(f / "proof_items.yaml"),
    )
    yield FileKind("desk_tax_dates", "desk", desk_ / "tax_dates.yaml", load_tax_dates)
    yield FileKind(
        "desk_spelling", "desk", desk_ / "spelling.yaml", lambda f: load_spelling(f / "spelling.yaml")
    )
    yield FileKind("desk_matter_work", "desk", desk_ / "matter_work.yaml", load_work)
    yield FileKind("desk_matter_callbacks", "desk", desk_ / "matter_callbacks.yaml", load_callbacks)
    yield FileKind("dialer_kinds", "outbound", dial / "kinds.yaml", dialer.kinds.load_kinds)
    yield FileKind("dialer_caps", "outbound", dial / "caps.yaml", dialer.kinds.load_caps)
    yield FileKind("dialer_retry", "outbound", dial / "retry.yaml", load_retry)
    yield FileKind("dialer_dispositions", "outbound", dial / "dispositions.yaml", load_dispositions)
    yield FileKind(
        "dialer_outcomes", "outbound", dial / "outcomes.yaml", dialer.outcomes.load_outcomes.__wrapped__
    )
    yield FileKind("dialer_places", "outbound", dial / "places.yaml", lambda f: load_places(_now(), f))
    yield FileKind("dialer_list_words", "outbound", dial / "list_words.yaml", lambda f: load_words(_now(), f))
    yield FileKind("dialer_desk", "outbound", dial / "desk.yaml", load_desk_rules)
    yield FileKind(
        "recording_retention",
        "recording",
        recording.retention.SHIPPED,
        lambda f: recording.retention.load_retention(f / "retention.yaml"),
    )
    yield FileKind(
        "recording_listening",
        "recording",
        kept / "listening.yaml",
        recording.listening_rules.load_listening_rules,
    )
    yield FileKind(
        "recording_persons",
        "recording",
        recording.persons_table.SHIPPED,
        lambda f: recording.persons_table.load_person_table(f / "persons.yaml"),
    )
    yield FileKind(
        "quality_appeals",
        "quality",
        quality / "appeals.yaml",
        recording.quality.appeals_table.load_appeal_table,
    )
    yield FileKind("quality_coaching", "quality", quality / "coaching.yaml", load_coaching_table)
    yield FileKind(
        "quality_sampling",
        "quality",
        quality / "sampling.yaml",
        lambda f: load_task_rules(f / "sampling.yaml"),
    )
    yield FileKind(
        "quality_reasons", "quality", quality / "reasons.yaml", lambda f: load_reasons(f / "reasons.yaml")
    )
    yield from _planning_kinds()


def _planning_kinds() -> Iterator[FileKind]:
    data = reporting.schedule_rules.DATA
    for name in ("activities", "shift_patterns", "breaks", "prayers"):  # they are checked together
        path = data / f"{name}.yaml"
        yield FileKind(f"schedule_{name}", "planning", path, reporting.schedule_rules.load_schedule_rules)
    yield FileKind(
        "schedule_exceptions",
        "planning",
        data / "exceptions.yaml",
        lambda f: load_offline_table(f / "exceptions.yaml"),
    )
    yield FileKind(
        "figures_service_level", "planning", data / "service_level.yaml", reporting.facts.load_service_levels
    )
    yield FileKind(
        "reports_rules",
        "planning",
        data / "report_rules.yaml",
        lambda f: load_report_rules(f / "report_rules.yaml"),
    )
    yield FileKind(
        "reports_monthly",
        "planning",
        data / "monthly_report.yaml",
        lambda f: load_shape(f / "monthly_report.yaml"),
    )
    yield FileKind("planning", "planning", reporting.planning.table.DATA / "planning.yaml", load_planning)


FILE_KINDS: Mapping[str, FileKind] = {kind.name: kind for kind in _kinds()}


def check_yaml(text: str) -> None:
    """Refuse what is no YAML, with every doubled key. Raises ConfigRefused."""
    try:
        read_text(text)
    except BadText as error:
        raise ConfigRefused(
            [Mistake(one.line, one.name, "", one.what, one.remedy) for one in error.found]
        ) from error


def mistake_of(told: str, text: str, file: str) -> Mistake:
    """Return a reader's sentence as a mistake, with line and field as far as they can be found.

    `file`: the table's own name, which need not be repeated.
    """
    what, _, remedy = told.removeprefix(f"{file}: ").removeprefix(f"{file}, ").partition(" Remedy: ")
    line, field, value = 0, "", ""
    if found := _CELL.match(what):
        line, field, value = int(found[1]), found[2] or "", found[3] or ""
        what = what.removeprefix(found[0])
    elif found := _LINE.search(what):
        line = int(found[1])
        what = what.removeprefix(f"{found[0]}: ")
    elif found := _PLACE.search(what):
        line, field = line_of(text, found[1]), found[1]
        what = what.replace(f" - at {found[0]}", "")
    elif found := _ROW.search(what):
        field = f"{found[1]}[{int(found[2]) - 1}]"
        line = line_of(text, field)
        what = what.replace(f"{found[0]}: ", "", 1)
    said = what.strip().removesuffix(".")
    return Mistake(line, field, value, said, remedy.removesuffix(".") or "correct this place")

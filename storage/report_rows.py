"""Reports and their runs as rows of tables, and back. Addresses of people are sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from reporting.reports import (
    Definition,
    Delivered,
    Delivery,
    DeliveryState,
    Format,
    ReportFile,
    ReportRun,
    RunState,
)
from storage.vault import Vault

_json = msgspec.json.Encoder(order="deterministic")
_definition = msgspec.json.Decoder(Definition)
_deliveries = msgspec.json.Decoder(tuple[Delivery, ...])


def definition_values(vault: Vault, definition: Definition, report_id: str, version: int) -> dict[str, Any]:
    """Return the columns that keep a definition."""
    return {
        "definition": _json.encode(replace(definition, deliveries=())).decode(),
        "sealed_deliveries": vault.seal(_json.encode(definition.deliveries), _context(report_id, version)),
    }


def definition_of(vault: Vault, row: Any) -> Definition:
    """Return the definition of a selected row of `report_versions`. Raises VaultProblem."""
    sealed = bytes(row.sealed_deliveries)
    opened = vault.open(sealed, _context(row.report_id, row.version))
    return replace(_definition.decode(row.definition), deliveries=_deliveries.decode(opened))


def run_values(run: ReportRun) -> dict[str, Any]:
    """Return a new run as a row of `report_runs`; it is asked for when its first try is due."""
    return {
        "run_id": run.run_id,
        "report_id": run.report_id,
        "version": run.version,
        "due_at": run.due_at,
        "asked_by": run.asked_by,
        "asked_at": run.next_at,
        "first_day": run.first,
        "last_day": run.last,
        "state": run.state.value,
        "tries": run.tries,
        "next_at": run.next_at,
        "outcome": run.outcome,
    }


def run_of(row: Any, files: Iterable[Any], deliveries: Iterable[Any]) -> ReportRun:
    """Return the run of selected rows."""
    removed = row.files_removed_at
    return ReportRun(
        run_id=row.run_id,
        report_id=row.report_id,
        version=row.version,
        due_at=row.due_at,
        asked_by=row.asked_by,
        first=row.first_day,
        last=row.last_day,
        state=RunState(row.state),
        tries=row.tries,
        next_at=row.next_at,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        files=tuple(
            ReportFile(Format(one.form), one.name, one.size, one.sha256, removed)
            for one in sorted(files, key=lambda one: one.form)
        ),
        deliveries=tuple(
            Delivered(one.number, DeliveryState(one.state), one.at, one.outcome)
            for one in sorted(deliveries, key=lambda one: one.number)
        ),
    )


def _context(report_id: str, version: int) -> bytes:
    return f"report_versions/{report_id}/{version}".encode()

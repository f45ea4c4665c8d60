"""What the reads of campaigns' figures share: which attempts count, and hours on both databases. Blocking."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import WIB
from dialer.attempts import AttemptState
from dialer.results import LiveUnavailable
from storage.attempt_tables import attempts
from storage.campaign_tables import campaigns
from storage.database import Database, DatabaseProblem
from storage.vault import VaultProblem

T = TypeVar("T")

SENT = attempts.c.state.not_in((AttemptState.INTENT.value, AttemptState.NOT_SENT.value))
"""Attempts that were or may have been sent."""


def hour_of(column: "sa.Column[Any]", database: Database) -> "sa.ColumnElement[Any]":
    """Return the hour (UTC) in which a time lies, to group by; `as_hour` reads it.

    Zones of Indonesia are whole hours from UTC, so that an hour is one hour in each of them.
    """
    if database.is_sqlite:
        return sa.func.substr(sa.cast(column, sa.String), 1, 13)
    return sa.func.date_trunc("hour", column)


def as_hour(value: Any) -> datetime:
    """Return when such an hour began, in WIB."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(f"{value}:00+00:00")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(WIB)


def check_known(connection: Connection, campaign_id: str) -> None:
    """Raise KeyError for a campaign that is not there."""
    query = sa.select(campaigns.c.campaign_id).where(campaigns.c.campaign_id == campaign_id)
    if connection.execute(query).first() is None:
        raise KeyError(campaign_id)


def read_figures(database: Database, work: Callable[[Connection], T]) -> T:
    """Run `work` on a connection. Blocking; raises LiveUnavailable."""
    try:
        return database.read_now(work)
    except (DatabaseProblem, VaultProblem) as error:
        raise LiveUnavailable(str(error)) from error

"""What the rows of a list are checked against: other lists, suppressions, what taxpayers have done since."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dialer.contacts import Key
from dialer.lists import ListState, ListsUnavailable
from storage.campaign_tables import suppressions, taxpayer_outcomes
from storage.database import Database, DatabaseProblem
from storage.list_tables import contact_keys, contacts, lists

_AT_ONCE = 5000  # keys in one question
# Lists that the service keeps itself: who is called back because they asked for it may be on a list as well.
OWN_SOURCE = ":"
DIALLED_FROM = (ListState.LOADED.value, ListState.APPROVED.value)


class KeysInUse:
    """A `dialer.rows_sieve.LoadedKeys`: keys of contacts on lists that are, or may become, approved."""

    def __init__(self, database: Database, today: date) -> None:
        """`today`: of Jakarta, by which lists expire. Raises ListsUnavailable."""
        self._database = database
        live = sa.and_(lists.c.state.in_(DIALLED_FROM), lists.c.expires_on >= today)
        self._any = bool(
            _read(database, sa.select(lists.c.list_id).where(live, lists.c.accepted > 0).limit(1))
        )
        self._query = (
            sa.select(contact_keys.c.key)
            .join(contacts, contacts.c.contact_id == contact_keys.c.contact_id)
            .join(lists, lists.c.list_id == contacts.c.list_id)
            .where(live, sa.not_(lists.c.source.startswith(OWN_SOURCE)))
        )

    def find(self, keys: Sequence[Key]) -> AbstractSet[Key]:
        """Return those keys that are in use."""
        if not self._any:
            return frozenset()
        return {bytes(row.key) for row in _of_keys(self._database, self._query, contact_keys.c.key, keys)}


class SuppressedKeys:
    """A `dialer.rows_sieve.Suppressed` on the campaigns' table."""

    def __init__(self, database: Database) -> None:
        """Raises ListsUnavailable."""
        self._database = database
        self._any = bool(_read(database, sa.select(suppressions.c.key).limit(1)))
        self._query = sa.select(suppressions.c.key, suppressions.c.why)

    def find(self, keys: Collection[Key]) -> Mapping[Key, str]:
        """Return why, for those keys that are suppressed."""
        if not self._any:
            return {}
        rows = _of_keys(self._database, self._query, suppressions.c.key, keys)
        return {bytes(row.key): row.why for row in rows}


class SolvedKeys:
    """A `dialer.rows_sieve.SolvedTaxpayers` on the outcome feed's table."""

    def __init__(self, database: Database, kinds: Collection[str], cut_off: date) -> None:
        """`kinds`: of `dialer.kinds.OutcomeKind`; what was done on the cut-off's day counts."""
        self._database = database
        wanted = sa.and_(taxpayer_outcomes.c.kind.in_(kinds), taxpayer_outcomes.c.on_date >= cut_off)
        self._query = sa.select(taxpayer_outcomes.c.taxpayer_key).where(wanted)
        self._any = bool(kinds) and bool(_read(database, self._query.limit(1)))

    def find(self, keys: Collection[Key]) -> AbstractSet[Key]:
        """Return those taxpayers who have."""
        if not self._any:
            return frozenset()
        rows = _of_keys(self._database, self._query, taxpayer_outcomes.c.taxpayer_key, keys)
        return {bytes(row.taxpayer_key) for row in rows}


def _of_keys(
    database: Database, query: "sa.Select[Any]", column: "sa.Column[Any]", keys: Collection[Key]
) -> Iterator[Any]:
    ordered = sorted(keys)  # neighbours in the index are asked together
    for start in range(0, len(ordered), _AT_ONCE):
        yield from _read(database, query.where(column.in_(ordered[start : start + _AT_ONCE])))


def _read(database: Database, query: "sa.Select[Any]") -> Sequence[Any]:
    def read(connection: Connection) -> Sequence[Any]:
        return connection.execute(query).all()

    try:
        return database.read_now(read)
    except DatabaseProblem as error:
        raise ListsUnavailable(str(error)) from error

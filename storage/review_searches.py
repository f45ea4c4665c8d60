"""Saved searches on a database: name and filter sealed, since words that are looked for can be personal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.finding import FindingUnavailable
from recording.quality.finding_saved import MOST_OF_ONE, SavedSearch, TooManySearches
from storage.database import Database
from storage.kept import Kept
from storage.review_tables import review_searches
from storage.vault import Vault

_s = review_searches.c


class _Sealed(msgspec.Struct, frozen=True):
    name: str
    words: dict[str, str]


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(_Sealed)


class ReviewSearches(Kept):
    """A `recording.quality.finding_saved.SavedSearches`."""

    unavailable = FindingUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def seen_by(self, staff_id: str) -> Sequence[SavedSearch]:
        """Return one's own and the shared ones, by name."""
        query = sa.select(review_searches).where(sa.or_(_s.staff_id == staff_id, _s.shared.is_(sa.true())))
        found = await self._read(lambda c: [self._saved(row) for row in c.execute(query).all()])
        return sorted(found, key=lambda one: (one.name.casefold(), one.search_id))

    async def get(self, search_id: str) -> SavedSearch | None:
        """Return one."""
        query = sa.select(review_searches).where(_s.search_id == search_id)

        def work(connection: Connection) -> SavedSearch | None:
            row = connection.execute(query).first()
            return None if row is None else self._saved(row)

        return await self._read(work)

    async def keep(self, saved: SavedSearch) -> None:
        """Keep a new one, or write over one's own with its id. Raises TooManySearches, KeyError."""
        sealed = self._vault.seal(
            _encoder.encode(_Sealed(saved.name, dict(saved.words))), _context(saved.search_id)
        )
        values = {
            "staff_id": saved.staff_id,
            "shared": saved.shared,
            "changed_at": saved.changed_at,
            "sealed_search": sealed,
        }

        def work(connection: Connection) -> None:
            owner = connection.scalar(sa.select(_s.staff_id).where(_s.search_id == saved.search_id))
            if owner is not None and owner != saved.staff_id:
                raise KeyError(saved.search_id)
            if owner is not None:
                mine = sa.update(review_searches).where(_s.search_id == saved.search_id)
                connection.execute(mine.values(values))
                return
            count = sa.select(sa.func.count()).where(_s.staff_id == saved.staff_id)
            if (connection.scalar(count) or 0) >= MOST_OF_ONE:
                raise TooManySearches
            connection.execute(sa.insert(review_searches).values(search_id=saved.search_id, **values))

        await self._write(work)

    async def forget(self, search_id: str, staff_id: str) -> None:
        """Delete one's own. Idempotent; another's stays."""
        mine = sa.delete(review_searches).where(_s.search_id == search_id, _s.staff_id == staff_id)
        await self._write(lambda c: c.execute(mine).rowcount)

    def _saved(self, row: Any) -> SavedSearch:
        plain = _decoder.decode(self._vault.open(bytes(row.sealed_search), _context(row.search_id)))
        return SavedSearch(row.search_id, row.staff_id, plain.name, plain.words, row.shared, row.changed_at)


def _context(search_id: str) -> bytes:
    return b"review_searches/" + search_id.encode()

"""Contacts as lists left them: what tests look at."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dialer.contacts import Contact, Key
from dialer.lists import ListsUnavailable
from storage.database import Database, DatabaseProblem
from storage.list_rows import ListRows
from storage.list_tables import contact_keys, contacts
from storage.vault import Vault, VaultProblem

_AT_ONCE = 1000


class StoredContacts:
    """Reads the contacts of lists. Every method raises `dialer.lists.ListsUnavailable`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._rows = ListRows(vault)

    async def get(self, contact_ids: Collection[int]) -> Mapping[int, Contact]:
        """Return contacts by id; those that are not there are left out."""
        asked = list(dict.fromkeys(contact_ids))
        queries = [
            sa.select(contacts).where(contacts.c.contact_id.in_(asked[start : start + _AT_ONCE]))
            for start in range(0, len(asked), _AT_ONCE)
        ]
        return {contact.contact_id: contact for contact in await self._contacts(queries)}

    async def of_list(self, list_id: str, after: int = 0, most: int = 1000) -> Sequence[Contact]:
        """Return contacts of a list by their id, those after one."""
        query = (
            sa.select(contacts)
            .where(contacts.c.list_id == list_id, contacts.c.contact_id > after)
            .order_by(contacts.c.contact_id)
            .limit(most)
        )
        return await self._contacts([query])

    async def with_key(self, key: Key, most: int = 100) -> Sequence[Contact]:
        """Return the contacts of a taxpayer or a number on all lists, newest first."""
        query = (
            sa.select(contacts)
            .join(contact_keys, contact_keys.c.contact_id == contacts.c.contact_id)
            .where(contact_keys.c.key == key)
            .order_by(contacts.c.contact_id.desc())
            .limit(most)
        )
        return await self._contacts([query])

    async def _contacts(self, queries: Sequence["sa.Select[Any]"]) -> Sequence[Contact]:
        try:
            rows = await self._database.read(
                lambda connection: [row for query in queries for row in connection.execute(query)]
            )
            return [self._rows.contact(row) for row in rows]
        except (DatabaseProblem, VaultProblem) as error:
            raise ListsUnavailable(str(error)) from error

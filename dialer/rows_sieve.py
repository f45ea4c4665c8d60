"""Which rows become contacts: no taxpayer and no number twice, nobody who may not be called."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, Self

import msgspec

from dialer.contacts import NPWP_KEY, NUMBER_KEY, Key
from dialer.lists import RowFate, RowReason
from dialer.rows import ReadRow
from dialer.rows_seen import KEY_BYTES, SeenKeys
from domain.masking import mask


class LoadedKeys(Protocol):
    """What is on other lists. Raises `dialer.lists.ListsUnavailable`."""

    def find(self, keys: Sequence[Key]) -> AbstractSet[Key]:
        """Return those keys of taxpayers and numbers that belong to contacts who may still be dialled."""
        ...


class Suppressed(Protocol):
    """Who may not be called. Raises `dialer.lists.ListsUnavailable`."""

    def find(self, keys: Collection[Key]) -> Mapping[Key, str]:
        """Return `do_not_call` or `wrong_number` for those keys of taxpayers and numbers that are so."""
        ...


class SolvedTaxpayers(Protocol):
    """Who needs no call any more. Raises `dialer.lists.ListsUnavailable`."""

    def find(self, keys: Collection[Key]) -> AbstractSet[Key]:
        """Return those taxpayers' keys who have filed or paid since the cut-off what the list is about."""
        ...


class KeyedRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A row with the keys of its taxpayer and its numbers."""

    read: ReadRow
    taxpayer_key: Key
    number_keys: tuple[Key, ...]

    @classmethod
    def of(cls, read: ReadRow, fingerprint: Callable[[str], bytes]) -> Self:
        """Make the keys. `fingerprint`: `storage.vault.Vault.lookup_key`."""
        return cls(
            read,
            fingerprint(NPWP_KEY + read.npwp)[:KEY_BYTES],
            tuple([fingerprint(NUMBER_KEY + number)[:KEY_BYTES] for number in read.numbers]),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that becomes a contact, with the numbers that are left of it."""

    read: ReadRow
    contact_id: int
    taxpayer_key: Key
    numbers: tuple[str, ...] = field(repr=False)
    number_keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A row that does not. `is_number`: a number is at fault, not the taxpayer."""

    row: int
    fate: RowFate
    reason: RowReason
    value: str  # masked
    is_number: bool


@dataclass(slots=True)
class _Batch:
    """What is known of all keys of some rows."""

    seen: AbstractSet[Key]
    loaded: AbstractSet[Key]
    suppressed: Mapping[Key, str]
    solved: AbstractSet[Key]
    new: set[Key] = field(default_factory=set)  # of rows of this batch that were kept
    known: set[Key] = field(default_factory=set)  # all of these


class Sieve:
    """Sifts the rows of one list, some thousands at a time, in their order."""

    def __init__(
        self, loaded: LoadedKeys, suppressed: Suppressed, solved: SolvedTaxpayers, next_contact: int
    ) -> None:
        """`next_contact`: the first contact's id."""
        self._loaded = loaded
        self._suppressed = suppressed
        self._solved = solved
        self.next_contact = next_contact
        self.seen = SeenKeys(next_contact)

    def sift(self, rows: Sequence[KeyedRow]) -> list[Kept | Dropped]:
        """Return what becomes of these rows, in their order."""
        taxpayers = [row.taxpayer_key for row in rows]
        every = [*taxpayers, *chain.from_iterable([row.number_keys for row in rows])]
        batch = _Batch(
            self.seen.among(every),
            self._loaded.find(every),
            self._suppressed.find(every),
            self._solved.find(taxpayers),
        )
        batch.known.update(batch.seen, batch.loaded, batch.suppressed, batch.solved)
        results: list[Kept | Dropped] = []
        keys: list[Key] = []
        contacts: list[int] = []
        for row in rows:
            result = self._judge(row, batch)
            results.append(result)
            if isinstance(result, Kept):
                own = (row.taxpayer_key, *result.number_keys)
                batch.new.update(own)
                batch.known.update(own)
                keys.extend(own)
                contacts.extend([result.contact_id] * len(own))
        self.seen.add(keys, contacts)
        return results

    def _judge(self, row: KeyedRow, batch: _Batch) -> Kept | Dropped:
        read, number_keys, left = row.read, row.number_keys, row.read.numbers
        reason = _taxpayer_reason(row.taxpayer_key, batch) if row.taxpayer_key in batch.known else None
        if reason is not None:
            return Dropped(read.row, _FATES[reason], reason, mask(read.npwp), is_number=False)
        if not batch.known.isdisjoint(number_keys):
            reasons = [_number_reason(key, batch) for key in number_keys]
            kept = [place for place, reason in enumerate(reasons) if reason is None]
            if not kept:
                first = reasons[0] or RowReason.NUMBER_INVALID
                return Dropped(read.row, _FATES[first], first, mask(left[0]), is_number=True)
            left = tuple(left[place] for place in kept)
            number_keys = tuple(number_keys[place] for place in kept)
        contact_id = self.next_contact
        self.next_contact += 1
        return Kept(read, contact_id, row.taxpayer_key, left, number_keys)


_FATES = {
    RowReason.SAME_TAXPAYER_IN_FILE: RowFate.DUPLICATE,
    RowReason.SAME_TAXPAYER_LOADED: RowFate.DUPLICATE,
    RowReason.SAME_NUMBER_IN_FILE: RowFate.DUPLICATE,
    RowReason.SAME_NUMBER_LOADED: RowFate.DUPLICATE,
    RowReason.DO_NOT_CALL: RowFate.SUPPRESSED,
    RowReason.WRONG_NUMBER: RowFate.SUPPRESSED,
    RowReason.SOLVED: RowFate.SUPPRESSED,
}


def _taxpayer_reason(key: Key, batch: _Batch) -> RowReason | None:
    if key in batch.new or key in batch.seen:
        return RowReason.SAME_TAXPAYER_IN_FILE
    if key in batch.suppressed:
        return RowReason(batch.suppressed[key])
    if key in batch.loaded:
        return RowReason.SAME_TAXPAYER_LOADED
    return RowReason.SOLVED if key in batch.solved else None


def _number_reason(key: Key, batch: _Batch) -> RowReason | None:
    if key in batch.suppressed:
        return RowReason(batch.suppressed[key])
    if key in batch.new or key in batch.seen:
        return RowReason.SAME_NUMBER_IN_FILE
    return RowReason.SAME_NUMBER_LOADED if key in batch.loaded else None

"""Which rows become contacts: no taxpayer and no number twice, nobody who may not be called."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from dialer.contacts import NPWP_KEY, NUMBER_KEY, Key
from dialer.lists import RowFate, RowReason
from dialer.rows import ReadRow
from dialer.rows_seen import SeenKeys
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


class Sieve:
    """Sifts the rows of one list, some thousands at a time, in their order."""

    def __init__(
        self,
        fingerprint: Callable[[str], bytes],
        loaded: LoadedKeys,
        suppressed: Suppressed,
        solved: SolvedTaxpayers,
        next_contact: int,
    ) -> None:
        """`fingerprint`: `storage.vault.Vault.lookup_key`. `next_contact`: the first contact's id."""
        self._fingerprint = fingerprint
        self._loaded = loaded
        self._suppressed = suppressed
        self._solved = solved
        self.next_contact = next_contact
        self.seen = SeenKeys()

    def sift(self, rows: Sequence[ReadRow]) -> list[Kept | Dropped]:
        """Return what becomes of these rows, in their order."""
        fingerprint = self._fingerprint
        taxpayers = [fingerprint(NPWP_KEY + row.npwp)[:16] for row in rows]
        numbers = [tuple([fingerprint(NUMBER_KEY + n)[:16] for n in row.numbers]) for row in rows]
        every = [*taxpayers, *(key for keys in numbers for key in keys)]
        batch = _Batch(
            self.seen.among(every),
            self._loaded.find(every),
            self._suppressed.find(every),
            self._solved.find(taxpayers),
        )
        results: list[Kept | Dropped] = []
        keys: list[Key] = []
        contacts: list[int] = []
        for row, taxpayer, its_numbers in zip(rows, taxpayers, numbers, strict=True):
            result = self._judge(row, taxpayer, its_numbers, batch)
            results.append(result)
            if isinstance(result, Kept):
                own = (taxpayer, *result.number_keys)
                batch.new.update(own)
                keys.extend(own)
                contacts.extend([result.contact_id] * len(own))
        self.seen.add(keys, contacts)
        return results

    def _judge(
        self, row: ReadRow, taxpayer: Key, number_keys: tuple[Key, ...], batch: _Batch
    ) -> Kept | Dropped:
        reason = _taxpayer_reason(taxpayer, batch)
        if reason is not None:
            return Dropped(row.row, _FATES[reason], reason, mask(row.npwp), is_number=False)
        reasons = [_number_reason(key, batch) for key in number_keys]
        if any(reasons):
            kept = [place for place, reason in enumerate(reasons) if reason is None]
            if not kept:
                first = reasons[0] or RowReason.NUMBER_INVALID
                return Dropped(row.row, _FATES[first], first, mask(row.numbers[0]), is_number=True)
            left = tuple(row.numbers[place] for place in kept)
            number_keys = tuple(number_keys[place] for place in kept)
        else:
            left = row.numbers
        contact_id = self.next_contact
        self.next_contact += 1
        return Kept(row, contact_id, taxpayer, left, number_keys)


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

"""What the columns of a file probably are, by their headers."""

import re
from collections.abc import Mapping, Sequence

from dialer.mapping import ColumnMapping, ColumnUse, MappingFault, MappingRefused, Role
from dialer.rows_tables import HeaderRule, ListWords, plain_words

_ONCE = {
    Role.NPWP: MappingFault.NPWP_ONCE,
    Role.NAME: MappingFault.NAME_ONCE,
    Role.ZONE: MappingFault.ZONE_ONCE,
    Role.PROVINCE: MappingFault.ZONE_ONCE,
    Role.OFFICE: MappingFault.ZONE_ONCE,
    Role.GROUP: MappingFault.GROUP_ONCE,
}
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NEW_FORM = ("16", "nik")  # of two columns with numbers of taxpayers, the one with the new form


def guess(header: Sequence[str], words: ListWords) -> ColumnMapping:
    """Return what the columns probably are; what is not recognised is IGNORED."""
    uses: dict[str, ColumnUse] = {}
    taken: dict[Role, str] = {}
    for column in header:
        role = _role(plain_words(column), words.headers)
        if role in _ONCE and role in taken:
            earlier = taken[role]
            if role is not Role.NPWP or _new(earlier) or not _new(column):
                role = Role.IGNORED
            else:
                uses[earlier] = ColumnUse(Role.IGNORED)
        taken[role] = column
        uses[column] = ColumnUse(role)
    return ColumnMapping(uses)


def propose(header: Sequence[str], words: ListWords, before: ColumnMapping | None) -> ColumnMapping | None:
    """Return what was used before for these columns, or None where that would not do for this header.

    Columns that are new in the file are guessed, those no longer there are left out.
    """
    if before is None:
        return None
    guessed = guess(header, words).columns
    once = {use.role for column, use in before.columns.items() if column in header and use.role in _ONCE}
    uses: dict[str, ColumnUse] = {}
    for column in header:
        use = before.columns.get(column)
        if use is None:
            use = guessed[column]
            if use.role in once or use.role is Role.NUMBER:
                use = ColumnUse(Role.IGNORED)
        uses[column] = use
    proposed = ColumnMapping(uses)
    try:
        check(proposed, header)
    except MappingRefused:
        return None
    return proposed


def check(mapping: ColumnMapping, header: Sequence[str]) -> None:
    """Raise MappingRefused unless the mapping can be used for a header."""
    for column, use in mapping.columns.items():
        if use.role is not Role.IGNORED and column not in header:
            raise MappingRefused(MappingFault.NO_SUCH_COLUMN, column)
    _check_roles(mapping.columns)
    names: set[str] = set()
    for column, use in mapping.columns.items():
        if use.role is Role.FIELD:
            if not _FIELD_NAME.fullmatch(use.name) or use.name in names:
                raise MappingRefused(MappingFault.FIELD_NAME, column)
            names.add(use.name)


def _check_roles(columns: Mapping[str, ColumnUse]) -> None:
    seen: set[Role] = set()
    for column, use in columns.items():
        if use.role in _ONCE:
            if use.role in seen:
                raise MappingRefused(_ONCE[use.role], column)
            seen.add(use.role)
    for role in (Role.NPWP, Role.NAME):
        if role not in seen:
            raise MappingRefused(_ONCE[role])
    if not any(use.role is Role.NUMBER for use in columns.values()):
        raise MappingRefused(MappingFault.NUMBER_NEEDED)


def _role(header: str, rules: Sequence[HeaderRule]) -> Role:
    parts = header.split()
    for rule in rules:
        if header in rule.whole or any(_begins(part, word) for part in parts for word in rule.word):
            return rule.role
    return Role.IGNORED


def _begins(part: str, word: str) -> bool:
    # `hp2` is a telephone, `wajib` has nothing to do with `wa`.
    return part.rstrip("0123456789") == word or (len(word) > 3 and part.startswith(word))


def _new(header: str) -> bool:
    return any(sign in plain_words(header) for sign in _NEW_FORM)

"""Which column of a file is what. Kept by header, so that columns may change places from month to month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a column holds."""

    NPWP = "npwp"  # 15 or 16 digits, NIK or NITKU; exactly one column
    NAME = "name"  # exactly one column
    NUMBER = "number"  # telephone numbers, several to a cell; at least one column, in order of trust
    ZONE = "zone"  # WIB, WITA, WIT or UTC+7 … UTC+9
    PROVINCE = "province"  # its name, or the two digits of the Ministry of Home Affairs
    OFFICE = "office"  # the three digits of the tax office (KPP) where the taxpayer is registered
    GROUP = "group"  # of `domain.directory.Profile.group`
    FIELD = "field"  # for the script, under `ColumnUse.name`
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What one column is used as."""

    role: Role
    name: str = ""  # of a FIELD: small letters, digits, `_`; as the script writes it
    required: bool = False  # of a FIELD: a row without it is refused


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What the columns of a file are used as."""

    columns: Mapping[str, ColumnUse] = field(default_factory=dict)  # by header as it stands in the file
    sheets: tuple[str, ...] = ()  # of a workbook; empty: every sheet that has the mapped columns


class MappingFault(StrEnum):
    """Why a mapping cannot be used."""

    NPWP_ONCE = "npwp_once"  # none or several columns are the NPWP
    NAME_ONCE = "name_once"
    NUMBER_NEEDED = "number_needed"
    ZONE_ONCE = "zone_once"  # several columns tell the zone in the same way
    GROUP_ONCE = "group_once"
    FIELD_NAME = "field_name"  # empty, not small letters, digits and `_`, or taken by another column
    NO_SUCH_COLUMN = "no_such_column"  # no sheet has a column of this header
    NO_SUCH_SHEET = "no_such_sheet"


class MappingRefused(Exception):
    """A mapping cannot be used. `column` is the header at fault, or empty."""

    def __init__(self, fault: MappingFault, column: str = "") -> None:
        super().__init__(f"{column}: {fault}" if column else fault.value)
        self.fault, self.column = fault, column

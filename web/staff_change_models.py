"""What the pages of accounts' history and their API show."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.staff_changes import StaffAct
from web.config_models import LONGEST_WHY, NO_CONTROL
from web.staff_office import StaffEvent


class FieldChange(BaseModel):
    """A field with both values; roles are words separated by spaces, `disabled` is `yes` or empty."""

    field: str
    before: str
    after: str


class StaffChangeView(BaseModel):
    """A change of an account on record."""

    number: int
    at: datetime
    who: str  # a user name, `cli:NAME`, or a word: system, directory
    staff_id: str
    user_name: str  # of the account, as it is now
    act: StaffAct
    why: str
    undoes: int
    undone_by: int
    fields: list[FieldChange]
    refused: str = Field(description="Why it cannot be undone, a word of the texts; empty: it can")

    @classmethod
    def of(cls, event: StaffEvent, names: Mapping[str, str]) -> "StaffChangeView":
        """Return it as it is shown."""
        one = event.change
        return cls(
            number=one.number,
            at=one.at,
            who=names.get(one.who, one.who),
            staff_id=one.staff_id,
            user_name=names.get(one.staff_id, ""),
            act=one.act,
            why=one.why,
            undoes=one.undoes,
            undone_by=event.undone_by,
            fields=[
                FieldChange(field=name, before=before, after=after)
                for name, (before, after) in one.fields.items()
            ],
            refused=event.refused,
        )


class StaffChangeList(BaseModel):
    """Changes, newest first; `older`: give it as `before` for more."""

    rows: list[StaffChangeView]
    older: int | None

    @classmethod
    def of(cls, events: Sequence[StaffEvent], names: Mapping[str, str], most: int = 0) -> "StaffChangeList":
        """Return them as they are shown. `most`: as many were asked for; 0: all."""
        rows = [StaffChangeView.of(one, names) for one in events]
        return cls(rows=rows, older=rows[-1].number if most and len(rows) == most else None)


class StaffUndoBody(BaseModel):
    """Why a change is undone."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field("", max_length=LONGEST_WHY, pattern=NO_CONTROL)

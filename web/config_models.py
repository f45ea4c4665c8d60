"""What the pages of settings and their API show."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from web.config_port import ChangeDetail, ChangeRow, Difference, Form, KindState, Mistake, Opened, Preview
from web.sentences import Sentences

LONGEST_TEXT, LONGEST_WHY = 600_000, 200  # characters
KIND = "^[a-z][a-z0-9_]{0,39}$"
MARK = "^[0-9a-f]{32}$"
NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"


class KindView(BaseModel):
    """A kind of table and how it stands."""

    name: str
    group: str
    form: Form
    live: bool  # in force within seconds; otherwise after the next start of the service
    file: str
    rows: int
    assumed: int  # places that nobody has published
    own: bool  # no longer as shipped
    waiting: bool  # changed, in force after the next start
    changed_at: datetime | None
    changed_by: str

    @classmethod
    def of(cls, state: KindState, names: Mapping[str, str]) -> "KindView":
        """Return it as it is shown."""
        return cls(
            name=state.name,
            group=state.group,
            form=state.form,
            live=state.live,
            file=state.file,
            rows=state.rows,
            assumed=state.assumed,
            own=state.own,
            waiting=state.waiting,
            changed_at=state.changed_at,
            changed_by=names.get(state.changed_by, state.changed_by),
        )


class TableView(BaseModel):
    """A table to read or change."""

    kind: KindView
    text: str
    based_on: str = Field(description="To be sent with a change: it fails if the text is another by then")
    assumed_lines: list[int]

    @classmethod
    def of(cls, opened: Opened, names: Mapping[str, str], lines: Sequence[int]) -> "TableView":
        """Return it as it is shown."""
        return cls(
            kind=KindView.of(opened.state, names),
            text=opened.text,
            based_on=opened.based_on,
            assumed_lines=list(lines),
        )


class MistakeView(BaseModel):
    """What a table's own check refuses."""

    file: str  # empty: the table itself
    line: int
    field: str
    value: str
    what: str  # in the visitor's language; empty where only the reader's own words are there
    remedy: str
    detail: str  # the reader's own words, in English, where they have no others

    @classmethod
    def of(cls, one: Mistake, texts: Sentences, language: str) -> "MistakeView":
        """Return it as it is shown."""
        what, remedy = texts.say(language, one.what), texts.say(language, one.remedy)
        detail = [said.text for said in (what, remedy) if not said.known]
        return cls(
            file=one.file,
            line=one.line,
            field=one.field,
            value=one.value,
            what=what.text if what.known else "",
            remedy=remedy.text if remedy.known else "",
            detail=". ".join(detail),
        )


class DifferenceView(BaseModel):
    """A line of a comparison."""

    sign: str
    before: int
    after: int
    text: str


class PreviewView(BaseModel):
    """What a text would change, or what is wrong with it; nothing was changed."""

    kind: str
    based_on: str
    text: str
    mistakes: list[MistakeView]
    differences: list[DifferenceView]
    added: int
    removed: int
    assumed: int
    live: bool

    @classmethod
    def of(cls, kind: str, based_on: str, preview: Preview) -> "PreviewView":
        """Return it as it is shown."""
        return cls(
            kind=kind,
            based_on=based_on,
            text=preview.text,
            mistakes=[],
            differences=_differences(preview.differences),
            added=preview.added,
            removed=preview.removed,
            assumed=preview.assumed,
            live=preview.live,
        )

    @classmethod
    def refused(cls, kind: str, based_on: str, mistakes: Sequence[MistakeView]) -> "PreviewView":
        """Return what is wrong."""
        return cls(
            kind=kind,
            based_on=based_on,
            text="",
            mistakes=list(mistakes),
            differences=[],
            added=0,
            removed=0,
            assumed=0,
            live=False,
        )


class ChangeView(BaseModel):
    """A change on record."""

    number: int
    at: datetime
    who: str  # a user name, or a word: system, elsewhere
    kind: str
    why: str
    undoes: int
    undone_by: int
    added: int
    removed: int

    @classmethod
    def of(cls, row: ChangeRow, names: Mapping[str, str]) -> "ChangeView":
        """Return it as it is shown."""
        return cls(
            number=row.number,
            at=row.at,
            who=names.get(row.who, row.who),
            kind=row.kind,
            why=row.why,
            undoes=row.undoes,
            undone_by=row.undone_by,
            added=row.added,
            removed=row.removed,
        )


class ChangeList(BaseModel):
    """Changes, newest first; `older`: give it as `before` for more."""

    rows: list[ChangeView]
    older: int | None


class ChangeWhole(BaseModel):
    """A change with the whole of before and after."""

    change: ChangeView
    before: str
    after: str
    differences: list[DifferenceView]

    @classmethod
    def of(cls, detail: ChangeDetail, names: Mapping[str, str]) -> "ChangeWhole":
        """Return it as it is shown."""
        return cls(
            change=ChangeView.of(detail.row, names),
            before=detail.before,
            after=detail.after,
            differences=_differences(detail.differences),
        )


class UndoView(BaseModel):
    """What undoing a change would change, or why it cannot be undone by itself."""

    number: int
    refused: str  # a word of the texts `config.undo_…`; empty: it can be undone
    mistakes: list[MistakeView]
    differences: list[DifferenceView]
    live: bool

    @classmethod
    def of(cls, number: int, preview: Preview) -> "UndoView":
        """Return it as it is shown."""
        differences = _differences(preview.differences)
        return cls(number=number, refused="", mistakes=[], differences=differences, live=preview.live)

    @classmethod
    def cannot(cls, number: int, word: str, mistakes: Sequence[MistakeView]) -> "UndoView":
        """Return why not."""
        return cls(number=number, refused=word, mistakes=list(mistakes), differences=[], live=False)


class TextBody(BaseModel):
    """A text to be checked."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LONGEST_TEXT, description="The whole table: CSV or YAML, as it is read")
    based_on: str = Field("", pattern="^([0-9a-f]{32})?$")


class ChangeBody(BaseModel):
    """A text to be put in force."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LONGEST_TEXT)
    based_on: str = Field(pattern=MARK, description="Of the text that was changed")
    why: str = Field("", max_length=LONGEST_WHY, pattern=NO_CONTROL)


class UndoBody(BaseModel):
    """Why a change is undone."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field("", max_length=LONGEST_WHY, pattern=NO_CONTROL)


def _differences(found: Sequence[Difference]) -> list[DifferenceView]:
    return [DifferenceView(sign=one.sign, before=one.before, after=one.after, text=one.text) for one in found]

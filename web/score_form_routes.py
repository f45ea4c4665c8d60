"""Scoring forms `/formulir-nilai`: their versions, what differs, trying one out, bringing a new one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from desk.tables import BadTable
from desk.working_days import office_day
from recording.quality.forms import Form, KeptForm, in_force
from recording.quality.forms_book import read_form
from recording.quality.scores import Kind
from recording.quality.scoring import evaluate
from web.config_models import MistakeView
from web.config_port import Mistake
from web.guard import visitor_of
from web.permissions import Permission
from web.score_desk import ScoreDesk, kept
from web.score_form_changes import Change, changes
from web.score_models import FORM, FormView, ResultView
from web.score_views import FormWords
from web.sentences import Sentences

_TAGS = ["scores"]
_Name = Annotated[str, Path(pattern=FORM)]
_Version = Annotated[int, Path(ge=1, le=1_000_000)]
_LONGEST_FORM, _LONGEST_WHY = 200_000, 200  # characters
_FILE = "formulir"  # what an upload is called where its lines are named


class FormRow(BaseModel):
    """A version of a form."""

    name: str
    version: int
    title: str
    valid_from: date
    by: str
    why: str
    source: str
    in_force: bool
    criteria: int
    questions: int


class FormDetail(BaseModel):
    """A version of a form, whole."""

    row: FormRow
    form: FormView
    effects: list[str]
    assumed: list[str]  # what of it is nobody's publication
    result: ResultView  # of a form that is not filled in
    others: list[int]  # versions that it can be held against
    text: str  # the YAML


class FormChanges(BaseModel):
    """What differs between two versions."""

    name: str
    before: int
    after: int
    changes: list[Change]


class FormText(BaseModel):
    """A form that somebody brings."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        min_length=1, max_length=_LONGEST_FORM, description="YAML, as docs/recording/forms.md has it"
    )
    why: str = Field("", max_length=_LONGEST_WHY)


class FormPreview(BaseModel):
    """What a form that somebody brings would change; nothing was kept."""

    name: str
    title: str
    valid_from: date | None
    mistakes: list[MistakeView]
    against: int  # the version that it is held against; 0: none
    changes: list[Change]
    kept: int  # the version under which it was kept; 0: not kept


def add_form_routes(desk: ScoreDesk) -> None:
    """Add the routes."""
    _add_list(desk)
    _add_one(desk)
    _add_compared(desk)
    _add_brought(desk)


def _add_list(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/formulir-nilai", Permission.REVIEW_PLAN, include_in_schema=False)
    async def forms_page(request: Request) -> Response:
        """Show every version of every form."""
        return shared.render.page(request, "scores/forms.html", model=await listed(request))

    @shared.guard.get("/api/quality-forms", Permission.REVIEW_WORK, response_model=list[FormRow], tags=_TAGS)
    async def list_quality_forms(request: Request) -> list[FormRow]:
        """Return every version of every form, newest first."""
        return await listed(request)

    async def listed(request: Request) -> list[FormRow]:
        versions, people = await kept(desk.port.forms.versions()), await desk.people()
        words = desk.words(request)
        return [_row(one, versions, words, people.names, office_day(desk.now())) for one in versions]


def _add_one(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/formulir-nilai/{name}/{version}", Permission.REVIEW_PLAN, include_in_schema=False)
    async def form_page(request: Request, name: _Name, version: _Version) -> Response:
        """Show a version, to be read and tried out; nothing of that is kept."""
        model = await _detail(desk, request, name, version)
        return shared.render.page(request, "scores/form_page.html", model=model)

    @shared.guard.get(
        "/api/quality-forms/{name}/{version}",
        Permission.REVIEW_WORK,
        response_model=FormDetail,
        tags=_TAGS,
    )
    async def show_quality_form(request: Request, name: _Name, version: _Version) -> FormDetail:
        """Return a version of a form."""
        return await _detail(desk, request, name, version)


async def _detail(desk: ScoreDesk, request: Request, name: str, version: int) -> FormDetail:
    versions = [one for one in await kept(desk.port.forms.versions(name)) if one.form.name == name]
    found = next((one for one in versions if one.form.version == version), None)
    if found is None:
        raise HTTPException(404, "scores.no_such_form")
    words, people, form = desk.words(request), await desk.people(), found.form
    return FormDetail(
        row=_row(found, versions, words, people.names, office_day(desk.now())),
        form=words.form(form, Kind.TRIAL, {}, {}),
        effects=[one.text[words.language] for one in form.effects],
        assumed=_assumed(form, words.language),
        result=words.result(form, evaluate(form, {}, {}, Kind.TRIAL), {}),
        others=[one.form.version for one in versions if one.form.version != version],
        text=found.text,
    )


def _add_compared(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.get(
        "/formulir-nilai/{name}/{version}/beda", Permission.REVIEW_PLAN, include_in_schema=False
    )
    async def form_changes_page(
        request: Request, name: _Name, version: _Version, dari: Annotated[int, Query(ge=1, le=1_000_000)]
    ) -> Response:
        """Show what differs between two versions."""
        before, after, words = (
            await desk.form(name, dari),
            await desk.form(name, version),
            desk.words(request),
        )
        found = changes(before, after, words)
        model = FormChanges(name=name, before=dari, after=version, changes=found)
        title = after.title[words.language]
        return shared.render.page(request, "scores/changes_page.html", model=model, title=title)


def _add_brought(desk: ScoreDesk) -> None:
    shared = desk.shared

    @shared.guard.post(
        "/api/quality-forms/check", Permission.REVIEW_PLAN, response_model=FormPreview, tags=_TAGS
    )
    async def check_quality_form(request: Request, body: FormText) -> Response:
        """Return what a form would change, or every mistake in it. Nothing is kept."""
        preview = await _preview(desk, request, body)
        return shared.render.reply(request, preview, "scores/preview.html", text=body.text)

    @shared.guard.post("/api/quality-forms", Permission.REVIEW_PLAN, response_model=FormPreview, tags=_TAGS)
    async def keep_quality_form(request: Request, body: FormText) -> Response:
        """Keep a form as the next version, in force from its day on; with mistakes nothing is kept."""
        visitor, now = visitor_of(request), desk.now()
        preview = await _preview(desk, request, body)
        if not preview.mistakes:
            await desk.did(visitor, "quality_form_kept", f"form:{preview.name}")
            try:
                by, why = visitor.staff.staff_id, body.why.strip()
                form = await kept(desk.port.forms.keep(_FILE, body.text, now, by, why))
                preview.kept = form.version
            except BadTable as error:
                preview.mistakes = _mistakes(error, desk.words(request))
        return shared.render.reply(request, preview, "scores/preview.html", text=body.text)


async def _preview(desk: ScoreDesk, request: Request, body: FormText) -> FormPreview:
    words = desk.words(request)
    try:
        form = read_form(_FILE, body.text)
    except BadTable as error:
        return FormPreview(
            name="",
            title="",
            valid_from=None,
            mistakes=_mistakes(error, words),
            against=0,
            changes=[],
            kept=0,
        )
    versions = [
        one.form for one in await kept(desk.port.forms.versions(form.name)) if one.form.name == form.name
    ]
    newest = max(versions, key=lambda one: one.version, default=None)
    return FormPreview(
        name=form.name,
        title=form.title[words.language],
        valid_from=form.valid_from,
        mistakes=[],
        against=newest.version if newest else 0,
        changes=changes(newest, form, words) if newest else [],
        kept=0,
    )


def _mistakes(error: BadTable, words: FormWords) -> list[MistakeView]:
    said = Sentences(words.texts, "mistake.")
    found = [Mistake(one.line, "", "", one.what, one.remedy) for one in error.problems]
    return [MistakeView.of(one, said, words.language) for one in found]


def _row(
    one: KeptForm, versions: Sequence[KeptForm], words: FormWords, names: Mapping[str, str], today: date
) -> FormRow:
    form = one.form
    same = [other.form for other in versions if other.form.name == form.name]
    return FormRow(
        name=form.name,
        version=form.version,
        title=form.title[words.language],
        valid_from=form.valid_from,
        by=names.get(one.by) or words.say("appeals.system"),
        why=one.why,
        source=form.source,
        in_force=in_force(same, today).version == form.version,
        criteria=len(form.criteria),
        questions=len(form.questions),
    )


def _assumed(form: Form, language: str) -> list[str]:
    found = [one.text[language] for one in form.criteria if one.assumed]
    found += [one.text[language] for one in form.effects if one.assumed]
    return [*([form.na.text[language]] if form.na.assumed else []), *found]

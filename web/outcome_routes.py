"""The outcome feed `/lapor-bayar`: who has filed or paid is not called for it any more."""

from fastapi import HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from dialer.campaigns import CampaignsUnavailable
from web.guard import visitor_of
from web.list_models import ID
from web.list_port import ListDoor
from web.list_upload_routes import whole_upload
from web.outcome_port import OutcomeImports, OutcomeReport
from web.permissions import Permission

_TAGS = ["campaigns"]


class OutcomesBody(BaseModel):
    """A file to be taken in."""

    model_config = ConfigDict(extra="forbid")

    upload_id: str = Field(pattern=ID, description="of a CSV that was sent below `/api/lists/uploads`")
    source: str = Field(min_length=1, max_length=64, pattern="^[a-z0-9-]*$", description="who tells it")
    skip_wrong: bool = Field(False, description="take in the other lines although some are wrong")


class OutcomeMistakeView(BaseModel):
    """What is wrong in one line."""

    line: int
    field: str = Field(description="npwp, kind, period or date")
    value: str = Field(description="masked")
    remedy: str


class OutcomesView(BaseModel):
    """What became of a file."""

    upload_id: str
    source: str
    taken: bool = Field(
        description="False: lines are wrong and nothing was kept; the file stays for another try"
    )
    new: int
    known: int = Field(description="were there already")
    wrong: int = Field(description="lines with a mistake")
    mistakes: list[OutcomeMistakeView] = Field(description="the first ones")


def add_outcome_routes(door: ListDoor, outcomes: OutcomeImports) -> None:
    """Add the routes."""
    shared = door.shared

    @shared.guard.get("/lapor-bayar", Permission.CAMPAIGN_MANAGE, include_in_schema=False)
    async def outcomes_page(request: Request) -> Response:
        """Show what takes a file in."""
        return shared.render.page(request, "outcomes/page.html")

    @shared.guard.post("/api/outcomes", Permission.CAMPAIGN_MANAGE, response_model=OutcomesView, tags=_TAGS)
    async def take_outcomes(request: Request, body: OutcomesBody) -> Response:
        """Take in who has filed or paid, out of a CSV of the columns npwp, kind, period and date.

        With a wrong line nothing is kept, unless `skip_wrong`; then the file stays for another try.
        """
        visitor = visitor_of(request)
        upload = whole_upload(door, request, body.upload_id)
        skip = "yes" if body.skip_wrong else "no"
        await door.audit(visitor, "outcomes_taken", "outcomes:", source=body.source, skip_wrong=skip)
        try:
            found = await outcomes.take_in(upload.path, body.source, skip_wrong=body.skip_wrong)
        except CampaignsUnavailable as error:
            raise HTTPException(503, "campaigns.unavailable") from error
        if found.taken:
            door.uploads.drop(upload.upload_id)
        model = _view(door, request, body, found)
        return shared.render.reply(request, model, "outcomes/report.html")


def _view(door: ListDoor, request: Request, body: OutcomesBody, found: OutcomeReport) -> OutcomesView:
    render = door.shared.render
    language = render.language(request)
    return OutcomesView(
        upload_id=body.upload_id,
        source=body.source,
        taken=found.taken,
        new=found.new,
        known=found.known,
        wrong=found.wrong,
        mistakes=[
            OutcomeMistakeView(
                line=one.line,
                field=one.field,
                value=one.value,
                remedy=render.texts.say(language, f"outcomes_remedy.{one.field}"),
            )
            for one in found.mistakes
        ],
    )

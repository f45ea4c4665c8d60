"""The script of a call: its steps with the call's values, ticks, and codes spelled."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import HTTPException, Query, Request, Response

from desk import script as rules
from desk.notes import NotesUnavailable
from desk.script import BadTick, Facts, Script, Tick, TicksUnavailable
from desk.script_earlier import earlier_call, speaks_of_earlier_call, with_earlier
from desk.spelling import NoCode
from desk.standing import Rung, Standing, StandingUnavailable
from domain.audit import AuditRow
from web.call_access import check_call
from web.parts import Shared
from web.permissions import Permission
from web.script_models import (
    ScriptView,
    SpellingBody,
    SpellingView,
    SpokenView,
    TickBody,
    script_view,
)
from web.script_port import INBOUND, CallPurpose, ScriptPort
from web.visitor import Visitor

_UNAVAILABLE = "script.unavailable"  # a text
_ScriptName = Annotated[str, Query(pattern=r"^([a-z][a-z0-9_]{0,39})?$", description="Empty: the call's own")]
_Language = Annotated[str, Query(pattern=r"^(id|en)?$", description="Empty: the language of the call")]


@dataclass(frozen=True, slots=True)
class ScriptDesk:
    """What the routes share."""

    shared: Shared
    port: ScriptPort

    async def script(self, call_id: str, name: str) -> tuple[Script, CallPurpose]:
        """Return the script by its name, else the call's own. Raises HTTPException 404."""
        purpose = await self.port.purposes.purpose(call_id)
        script = self.port.scripts.get(name or purpose.script)
        if script is None:
            raise HTTPException(404, "script.no_such_script")
        return script, purpose

    async def standing(self, call_id: str) -> Standing:
        """Return where the call stands; when that cannot be told, everything stays locked."""
        try:
            return await self.shared.standings.standing(call_id)
        except (StandingUnavailable, KeyError):
            return Standing(call_id, Rung.ANONYMOUS, None, may_climb=False)

    async def view(self, visitor: Visitor, call_id: str, name: str, language: str) -> ScriptView:
        """Return a script as the visitor sees it. Raises HTTPException 404, 503; AuditUnavailable."""
        script, purpose = await self.script(call_id, name)
        standing = await self.standing(call_id)
        spoken: Literal["id", "en"] = "en" if (language or await self._language(call_id)) == "en" else "id"
        try:
            ticks = await self.port.ticks.of(call_id, visitor.staff.staff_id)
        except TicksUnavailable as error:
            raise HTTPException(503, _UNAVAILABLE) from error
        facts = await self._facts(visitor, standing, purpose)
        if facts.earlier_at is None and speaks_of_earlier_call(script):
            facts = await self._with_earlier(visitor, standing, facts)
        rung = _opened(standing, purpose)
        if purpose.about and rung is Rung.FULL:  # what is filled in then is about the person
            await self._viewed(visitor, standing, "script_contact_viewed", purpose.about)
        return script_view(
            rules.show(script, ticks, facts, rung, visitor.staff.language),
            call_id,
            spoken,
            self._titles(visitor.staff.language),
            dict(rules.deeds(script, facts, spoken)),
        )

    def _titles(self, language: str) -> dict[str, str]:
        """Return every script's title; what most calls have comes first."""
        names = sorted(self.port.scripts, key=lambda name: (name != INBOUND, name))
        return {name: self.port.scripts[name].titles[language] for name in names}

    async def _language(self, call_id: str) -> str:
        try:
            return (await self.port.calls.facts(call_id)).language
        except (KeyError, NotesUnavailable):
            return "id"

    async def _facts(self, visitor: Visitor, standing: Standing, purpose: CallPurpose) -> Facts:
        number = visitor.staff.number
        on_air = [one.on_air_name for one in self.shared.floor.agents() if number and one.agent == number]
        return Facts(
            on_air[0] if on_air else "",
            self.port.part_of_day(self.shared.clock.now()),
            await self._name(visitor, standing),
            purpose.earlier_at,
            self._topic(purpose.earlier_branch, purpose.earlier_category),
            purpose.fields,
            purpose.said,
        )

    def _topic(self, branch: str, category: str) -> dict[str, str]:
        names = self.port.branches
        return {code: names.name(code, branch, category) for code in ("id", "en") if branch}

    async def _with_earlier(self, visitor: Visitor, standing: Standing, facts: Facts) -> Facts:
        """Fill in the earlier call of whoever the caller has proved to be, and put that on record."""
        past, taxpayer_id = self.port.past, standing.taxpayer_id
        if past is None or taxpayer_id is None or standing.rung < Rung.CONFIRMED:
            return facts
        note = await earlier_call(past, standing.call_id, taxpayer_id)
        if note is None:
            return facts
        await self._viewed(visitor, standing, "script_earlier_call_viewed")
        return with_earlier(facts, note, self._topic(note.branch, note.category))

    async def _viewed(self, visitor: Visitor, standing: Standing, act: str, about: str = "") -> None:
        subject, why = about or f"taxpayer:{standing.taxpayer_id}", f"call:{standing.call_id}"
        now, staff_id = self.shared.clock.now(), visitor.staff.staff_id
        await self.shared.audit.record(AuditRow(now, staff_id, act, subject, why))

    async def _name(self, visitor: Visitor, standing: Standing) -> str | None:
        """Return the registered name once the caller has proved to know it, and put that on record."""
        names, taxpayer_id = self.port.names, standing.taxpayer_id
        if names is None or taxpayer_id is None or standing.rung < Rung.CONFIRMED:
            return None
        name = await names.name_of(taxpayer_id)
        if name is not None:
            await self._viewed(visitor, standing, "script_name_viewed")
        return name


def _opened(standing: Standing, purpose: CallPurpose) -> Rung:
    """Return up to which rung a script is open: a campaign without PORO needs the name and who speaks."""
    eased = not purpose.needs_poro and standing.rung >= Rung.CONFIRMED
    return Rung.FULL if eased else standing.rung


def add_script_routes(shared: Shared, port: ScriptPort) -> None:
    """Add scripts, ticks and the spelling helper."""
    desk = ScriptDesk(shared, port)
    _add_script(desk)
    _add_ticks(desk)
    _add_spelling(desk)


def _add_script(desk: ScriptDesk) -> None:
    shared = desk.shared

    @shared.guard.get(
        "/api/calls/{call_id}/script", Permission.CALL_VIEW, response_model=ScriptView, tags=["script"]
    )
    async def call_script(
        request: Request, call_id: str, script: _ScriptName = "", language: _Language = ""
    ) -> Response:
        """Return the call's script as far as it goes now, with one's own ticks.

        What the call's proof does not open yet has no words here.
        """
        visitor = await check_call(shared, request, call_id, Permission.CALL_VIEW)
        view = await desk.view(visitor, call_id, script, language)
        return shared.render.reply(request, view, "script/script.html")


def _add_ticks(desk: ScriptDesk) -> None:
    shared, ticks = desk.shared, desk.port.ticks

    @shared.guard.post(
        "/api/calls/{call_id}/script/ticks", Permission.CALL_VIEW, response_model=ScriptView, tags=["script"]
    )
    async def tick_step(request: Request, call_id: str, body: TickBody, language: _Language = "") -> Response:
        """Tick a step off, answer its question, or take that back; return the script after it.

        Sent again it changes nothing, but for a step that may be repeated.
        """
        visitor = await check_call(shared, request, call_id, Permission.CALL_VIEW)
        script, purpose = await desk.script(call_id, body.script)
        rung = _opened(await desk.standing(call_id), purpose)
        staff_id = visitor.staff.staff_id
        tick = Tick(script.name, body.step, body.done, body.answer)
        try:
            if rules.check(script, await ticks.of(call_id, staff_id), tick, rung):
                await ticks.add(call_id, staff_id, tick, shared.clock.now())
        except BadTick as error:
            raise HTTPException(409, str(error)) from error
        except TicksUnavailable as error:
            raise HTTPException(503, _UNAVAILABLE) from error
        view = await desk.view(visitor, call_id, script.name, language)
        return shared.render.reply(request, view, "script/script.html")


def _add_spelling(desk: ScriptDesk) -> None:
    shared, spelling = desk.shared, desk.port.spelling

    @shared.guard.post("/api/spelling", Permission.DESK_USE, response_model=SpellingView, tags=["script"])
    async def spell_code(request: Request, body: SpellingBody) -> Response:
        """Spell a code in the service's alphabet, and check what was heard against it. Nothing is kept."""
        try:
            groups = spelling.spell(body.code, body.language) if body.code.strip() else ()
            heard = spelling.heard(body.heard, body.code if groups else "") if body.heard.strip() else None
        except NoCode as error:
            raise HTTPException(422, str(error)) from error
        view = SpellingView(
            groups=[
                [SpokenView(character=one.character, word=one.word) for one in group] for group in groups
            ],
            heard="" if heard is None else heard.code,
            differs=[] if heard is None else list(heard.differs),
            matches=None if heard is None or not groups else not heard.differs,
            so_far=heard is not None and heard.differs[:1] == (len(heard.code) + 1,),
        )
        return shared.render.reply(request, view, "script/spelled.html")

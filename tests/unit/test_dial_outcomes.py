"""What each SIP code, Q.850 cause and word of the dialplan means."""

from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from dialer.attempts import DialOutcome
from dialer.outcomes import DATA, load_outcomes, plain
from dialer.ports import LineEnd

O = DialOutcome  # noqa: E741 - a word for the table below

SIP = {
    O.MOVED: (300, 301, 302, 305, 380, 399),
    O.NO_ANSWER: (408, 480, 487),
    O.NOT_IN_SERVICE: (404, 410, 484, 485, 604),
    O.BUSY: (486, 600),
    O.REJECTED: (603, 607, 608, 699),
    O.CONGESTION: (500, 503, 504, 599),
    O.FAILED: (
        400, 401, 402, 403, 405, 406, 407, 413, 414, 415, 416, 420, 421, 423, 481, 482, 483, 488, 491, 493,
        499, 501, 502, 505, 513, 580, 606,
    ),
    O.MACHINE: (980,),
    O.REFUSED_BY_GUARD: (991, 992, 993, 994, 995),
    O.ABANDONED: (996,),
    O.CANCELLED: (997,),
}  # fmt: skip
CAUSES = {
    O.NOT_IN_SERVICE: (1, 22, 28),
    O.BUSY: (17,),
    O.NO_ANSWER: (16, 18, 19, 20, 24, 31, 102),
    O.REJECTED: (21,),
    O.CONGESTION: (34, 38, 41, 42, 44, 46, 47),
    O.FAILED: (0, 2, 3, 6, 26, 27, 29, 50, 55, 57, 58, 63, 65, 79, 88, 95, 111, 127),
}


@pytest.mark.parametrize(("code", "outcome"), [(code, o) for o, codes in SIP.items() for code in codes])
def test_a_sip_code_goes_before_every_cause(code: int, outcome: DialOutcome) -> None:
    assert load_outcomes().unanswered(code, 17) is outcome


@pytest.mark.parametrize(
    ("cause", "outcome"), [(cause, o) for o, causes in CAUSES.items() for cause in causes]
)
def test_without_a_sip_code_the_cause_tells(cause: int, outcome: DialOutcome) -> None:
    assert load_outcomes().unanswered(0, cause) is outcome
    # 183 and 200 are no last word: early media ended by the far end, a call answered as it was cancelled.
    assert load_outcomes().unanswered(183, cause) is outcome


def test_a_code_that_nobody_defined_is_taken_by_its_class() -> None:
    table = load_outcomes()
    assert [table.unanswered(code, 0) for code in (333, 444, 555, 666, 777)] == [
        O.MOVED,
        O.FAILED,
        O.CONGESTION,
        O.REJECTED,
        O.FAILED,
    ]


def test_the_dialplan_tells_code_and_cause_as_one_number() -> None:
    assert plain(LineEnd("a", 486017, 0, answered=False)) == LineEnd("a", 17, 486, answered=False)
    assert plain(LineEnd("a", 17, 486, answered=False)) == LineEnd("a", 17, 486, answered=False)
    assert plain(LineEnd("a", 992021, 0, answered=False)) == LineEnd("a", 21, 992, answered=False)


def test_what_outcomes_entail() -> None:
    table = load_outcomes()
    assert table.uncounted == {O.REFUSED_BY_GUARD}
    assert table.resting == {O.ABANDONED, O.ANSWERED_LATE}
    assert table.live == {O.TALKED, O.ABANDONED, O.HUNG_UP_EARLY, O.ANSWERED_LATE}


def test_a_table_without_an_outcome_is_refused(tmp_path: Path) -> None:
    text = (DATA / "outcomes.yaml").read_text("utf-8").replace("  lost: {counts: true}\n", "")
    (tmp_path / "outcomes.yaml").write_text(text, "utf-8")
    with pytest.raises(TableProblem, match="lost"):
        load_outcomes(tmp_path)

"""The count of faults: a kind that nobody injected, a silent loss, a byte too many each fail it."""

import pytest

from tests import faults
from tests.fault_report import Sums
from tests.faults import Denied, Fault, FaultLog


def told() -> list[tuple[str, object]]:
    """Return what tests tell when everything holds."""
    found: list[tuple[str, object]] = []
    log = FaultLog(lambda name, value: found.append((name, value)))
    for fault in Fault:
        log.injected(fault)
    log.tampered(Fault.BYTE_FLIPPED, found=True)
    log.lost(silently=False)
    for who in Denied:
        log.asked(who, 2, 0)
    return found


def summed(told: list[tuple[str, object]]) -> Sums:
    sums = Sums()
    for name, value in told:
        sums.add(name, value)
    return sums


def test_what_holds_is_counted() -> None:
    sums = summed(told())
    assert sums.wrong() == []
    assert (sums.injected[Fault.BYTE_FLIPPED], sums.tampered, sums.found) == (2, 1, 1)
    assert sums.asked[Denied.EXPIRED] == 2


@pytest.mark.parametrize("left_out", [*Fault, *Denied])
def test_a_kind_that_nobody_injected_fails(left_out: str) -> None:
    kept = [(name, value) for name, value in told() if not str(value).startswith(f"{left_out}=")]
    assert [one.split(":")[0] for one in summed(kept).wrong()] == [left_out]


@pytest.mark.parametrize(
    ("name", "value"),
    [(faults.SILENT, 1), (faults.TAMPERED, 1), (faults.GIVEN, f"{Denied.EXPIRED.value}=1")],
)
def test_what_does_not_hold_fails(name: str, value: object) -> None:
    assert len(summed([*told(), (name, value)]).wrong()) == 1


def test_without_any_look_for_losses_it_fails() -> None:
    kept = [(name, value) for name, value in told() if name != faults.SILENT]
    assert summed(kept).wrong() == ["losses: nobody looked for them"]

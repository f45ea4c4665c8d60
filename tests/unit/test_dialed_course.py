"""What the end of a call of ours means to the dialer."""

import pytest

from domain.calls import EndReason as R
from ivr.outbound import Course
from ivr.outbound import DialedEnd as D


@pytest.mark.parametrize(
    ("course", "reason", "proven", "means"),
    [
        (Course(joined=True, served=True), R.CALLER_HUNG_UP, False, D.TALKED),
        (Course(), R.COMPLETED, False, D.TALKED),  # a reminder was heard to its end
        (Course(), R.CALLER_HUNG_UP, False, D.HUNG_UP_EARLY),
        (Course(), R.CALLER_HUNG_UP, True, D.TALKED),  # the right person was there
        (Course(served=True), R.COMPLETED, False, D.HUNG_UP_EARLY),
        (Course(gave_up=True), R.ABANDONED, False, D.ABANDONED),
        (Course(gave_up=True), R.CALLER_HUNG_UP, True, D.ABANDONED),  # wanted an agent, and none came
        (Course(), R.LOST, False, D.LOST),
        (Course(), R.FAILED, False, D.ABANDONED),
    ],
)
def test_every_end_means_one_thing(course: Course, reason: R, proven: bool, means: D) -> None:
    assert course.end(reason, proven=proven) is means

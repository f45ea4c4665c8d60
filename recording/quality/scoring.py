"""What answers are worth under a form, explained line by line. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from recording.quality.forms import Form
from recording.quality.scores import Answer, Given, Kind, Result


def evaluate(
    form: Form,
    answers: Mapping[str, Given | Answer],
    facts: Mapping[str, str],
    kind: Kind = Kind.REVIEW,
) -> Result:
    """Return what answers (by question) and facts are worth under a form.

    There is a line for each item; their points are the total, and their `most` are 100. What is not answered
    yet has no points and is in `missing`, as is a fact that must be given. Raises AnswerRefused.
    """
    raise NotImplementedError

"""What becomes of a final score's state. Pure."""

from __future__ import annotations

from recording.quality.scores import ScoreMoveRefused, ScoreState

_S = ScoreState

ACTS = {_S.CONTESTED: "contested", _S.REPLACED: "replaced", _S.FINAL: "stands"}
"""What is kept as a step, by the state that was asked for."""

_ALLOWED = {
    (_S.FINAL, _S.CONTESTED),
    (_S.SIGNED, _S.CONTESTED),
    (_S.CONTESTED, _S.REPLACED),
    (_S.CONTESTED, _S.FINAL),
}


def after_move(state: ScoreState, to: ScoreState, signed: bool) -> ScoreState:
    """Return the state after an appeal's step; the same: nothing changes. Raises ScoreMoveRefused.

    `to` FINAL: the appeal is over and the score stands, signed as it was.
    """
    if state is to or (to is _S.FINAL and state is _S.SIGNED):
        return state
    if (state, to) not in _ALLOWED:
        raise ScoreMoveRefused(f"a score that is {state.value} does not become {to.value}")
    return _S.SIGNED if to is _S.FINAL and signed else to


def after_signing(state: ScoreState) -> ScoreState:
    """Return the state once the agent has read it: only what is final is shown as signed."""
    return _S.SIGNED if state is _S.FINAL else state

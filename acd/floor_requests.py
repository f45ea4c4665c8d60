"""Who may ask for what, and which part of the floor grants it."""

from __future__ import annotations

from acd.floor_desk import Desks
from acd.floor_moves import Moves
from acd.floor_watch import BARGE, LISTEN, TAKE_OVER, WHISPER, Watching
from acd.requests import (
    Actor,
    Barge,
    CancelConsult,
    CompleteTransfer,
    Conference,
    Consult,
    EndCall,
    EndWrapUp,
    ExtendWrapUp,
    Force,
    Hold,
    Listen,
    Pause,
    Ready,
    Refused,
    Request,
    Role,
    SignIn,
    SignOut,
    StopListening,
    Transfer,
    Unhold,
)

OF_SUPERVISORS = (Listen, Barge, StopListening, Force)


class Requests:
    """The counter at which requests are granted or refused."""

    def __init__(self, desks: Desks, moves: Moves, watching: Watching) -> None:
        self._desks, self._moves, self._watching = desks, moves, watching

    def grant(self, actor: Actor, request: Request) -> None:
        """Grant a request. Raises Refused: `not_yours`, or what the part that grants it says."""
        if isinstance(request, OF_SUPERVISORS):
            if actor.role is not Role.SUPERVISOR:
                raise Refused("not_yours", "Only a supervisor may do that.")
            self._supervise(actor.who, request)
            return
        if actor.role is Role.AGENT and actor.who != request.agent:
            raise Refused("not_yours", "An agent may only ask for themselves.")
        if not self._declare(actor.who, request):
            self._need_control()
            self._move(request)

    def _need_control(self) -> None:
        if not self._desks.state.control:
            raise Refused("no_control", "The telephone system cannot be reached at the moment.")

    def _declare(self, by: str, request: Request) -> bool:
        desks = self._desks
        match request:
            case SignIn(agent, account):
                desks.sign_in(agent, account, by)
            case SignOut(agent):
                desks.sign_out(agent, by)
            case Ready(agent):
                desks.ready(agent, by)
            case Pause(agent, reason):
                desks.pause(agent, reason, by)
            case EndWrapUp(agent):
                desks.end_wrap_up(agent)
            case ExtendWrapUp(agent):
                desks.extend_wrap_up(agent)
            case _:
                return False
        return True

    def _move(self, request: Request) -> None:
        moves = self._moves
        match request:
            case Hold(agent):
                moves.hold(agent)
            case Unhold(agent):
                moves.unhold(agent)
            case Transfer(agent, target):
                moves.transfer(agent, target)
            case Consult(agent, target):
                moves.consult(agent, target)
            case CompleteTransfer(agent):
                moves.complete(agent)
            case CancelConsult(agent):
                moves.cancel(agent)
            case Conference(agent):
                moves.conference(agent)
            case EndCall(agent):
                moves.end(agent)

    def _supervise(self, by: str, request: Request) -> None:
        if not isinstance(request, Force):
            self._need_control()
        match request:
            case Listen(agent, supervisor, whisper):
                self._watching.begin(by, agent, supervisor, WHISPER if whisper else LISTEN)
            case Barge(agent, supervisor, take_over):
                self._watching.begin(by, agent, supervisor, TAKE_OVER if take_over else BARGE)
            case StopListening(agent, supervisor):
                self._watching.stop(by, agent, supervisor)
            case Force(agent, state, reason):
                self._desks.force(agent, state, reason, by)

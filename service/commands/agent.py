"""`kring agent`: what agents and supervisors ask of the floor, and agents' SIP accounts."""

from collections.abc import Callable

import click

from acd.messages import WORD, staff_messages
from acd.requests import (
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
    SignIn,
    SignOut,
    StopListening,
    Target,
    Transfer,
    Unhold,
)
from service.commands.account import account
from service.commands.agent_phone import phone
from service.floor_client import FloorClient
from service.floor_session import floor_session
from service.floor_views_text import agent_line

_AGENT = click.option("--agent", required=True, metavar="NUMBER", help="Whose: the agent's staff number.")
_SUPERVISOR = click.option(
    "--supervisor",
    required=True,
    metavar="NUMBER",
    help="Whose phone is rung: the supervisor's staff number.",
)


@click.group()
def command() -> None:
    """Speak for an agent or supervisor: states, calls, listening in, SIP accounts."""


def _ask(request: Callable[[], Request]) -> None:
    """Make a request and say what state the agent is in after it."""
    with floor_session() as (client, language):
        try:
            asked = request()
        except Refused as refused:
            raise click.UsageError(str(refused)) from refused
        _say(client, asked, language)


def _say(client: FloorClient, asked: Request, language: str) -> None:
    state = client.request(asked)
    done = staff_messages().text(WORD, "granted", language)
    click.echo(done if state is None else f"{done} {agent_line(state, language)}")


_PLAIN: tuple[tuple[str, Callable[[str], Request], str], ...] = (
    ("sign-out", SignOut, "End work; during a call: once it is over."),
    ("ready", Ready, "Take calls. Ends a wrap-up too."),
    ("hold", Hold, "Let the caller hear music."),
    ("unhold", Unhold, "Take the caller back."),
    ("complete", CompleteTransfer, "Leave the caller with the third party of a consultation."),
    ("cancel", CancelConsult, "Let the third party go and take the caller back."),
    ("conference", Conference, "Take the third party into the talk."),
    ("end", EndCall, "End the talk: the caller is hung up."),
)
_WRAP_UP: tuple[tuple[str, Callable[[str], Request], str], ...] = (
    ("end", EndWrapUp, "Be done with the note before the time is up."),
    ("extend", ExtendWrapUp, "Ask for more time for the note, once a call."),
)


def _add_plain(group: click.Group, name: str, kind: Callable[[str], Request], about: str) -> None:
    @group.command(name, help=about)
    @_AGENT
    def plain(agent: str) -> None:
        _ask(lambda: kind(agent))


for _name, _kind, _about in _PLAIN:
    _add_plain(command, _name, _kind, _about)


@command.group("wrap-up")
def wrap_up() -> None:
    """The time after a call for its note."""


for _name, _kind, _about in _WRAP_UP:
    _add_plain(wrap_up, _name, _kind, _about)


@command.command("sign-in")
@_AGENT
@click.option("--account", default="", help="With this phone.  [default: one that can be reached]")
def sign_in(agent: str, account: str) -> None:
    """Begin work; then paused, until `ready`."""
    _ask(lambda: SignIn(agent, account))


@command.command()
@_AGENT
@click.argument("reason")
def pause(agent: str, reason: str) -> None:
    """Take no calls, for a REASON out of the table of pause reasons."""
    _ask(lambda: Pause(agent, reason))


@command.command()
@_AGENT
@click.argument("target")
def transfer(agent: str, target: str) -> None:
    """Give the call away at once. TARGET: queue:NAME, skill:NAME/TIER or agent:NUMBER."""
    _ask(lambda: Transfer(agent, Target.parse(target)))


@command.command()
@_AGENT
@click.argument("target")
def consult(agent: str, target: str) -> None:
    """Speak with a third party while the caller hears music. TARGET as for `transfer`."""
    _ask(lambda: Consult(agent, Target.parse(target)))


@command.command()
@_AGENT
@_SUPERVISOR
def listen(agent: str, supervisor: str) -> None:
    """Hear an agent's talk."""
    _ask(lambda: Listen(agent, supervisor))


@command.command()
@_AGENT
@_SUPERVISOR
def whisper(agent: str, supervisor: str) -> None:
    """Hear an agent's talk, and be heard by the agent alone."""
    _ask(lambda: Listen(agent, supervisor, whisper=True))


@command.command()
@_AGENT
@_SUPERVISOR
def barge(agent: str, supervisor: str) -> None:
    """Join an agent's talk."""
    _ask(lambda: Barge(agent, supervisor))


@command.command("take-over")
@_AGENT
@_SUPERVISOR
def take_over(agent: str, supervisor: str) -> None:
    """Take an agent's call."""
    _ask(lambda: Barge(agent, supervisor, take_over=True))


@command.command()
@_AGENT
@_SUPERVISOR
def stop(agent: str, supervisor: str) -> None:
    """Leave a talk that a supervisor listens to or joined."""
    _ask(lambda: StopListening(agent, supervisor))


@command.command()
@_AGENT
@click.argument("state", type=click.Choice(["ready", "paused", "signed_out"]))
@click.option("--reason", default="", help="Of a pause, out of the table of pause reasons.")
def force(agent: str, state: str, reason: str) -> None:
    """Declare a STATE for an agent."""
    _ask(lambda: Force(agent, state, reason))


command.add_command(account)
command.add_command(phone)

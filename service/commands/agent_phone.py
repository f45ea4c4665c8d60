"""`kring agent phone`: an agent's SIP phone for trying things out."""

import time

import click

from service.desk_agent import DeskAgent, Habits
from service.floor_session import floor_session
from service.phone.handset import PhoneUnusable
from service.phone.station import NotRegistered
from service.settings import load_settings
from service.until_told import run_until_told


@click.command("phone")
@click.option("--agent", required=True, metavar="NUMBER", help="Whose: the agent's staff number.")
@click.option("--answer-after", default=1.0, show_default=True, help="Seconds of ringing.")
@click.option("--talk", default=0.0, show_default=True, help="Seconds, then hang up; 0: the caller does.")
@click.option("--note", default=3.0, show_default=True, help="Seconds of wrap-up, then ready again.")
@click.option("--tone", default=0.0, show_default=True, help="Hz to send; 0: silence.")
@click.option("--for", "seconds", default=3600.0, show_default=True, help="Seconds of work.")
def phone(agent: str, answer_after: float, talk: float, note: float, tone: float, seconds: float) -> None:
    """Work as an agent with a real SIP phone: sign in, take calls, sign out at the end, at Ctrl-C or `kill`.

    Its account is made for the occasion and revoked afterwards.
    """
    began = time.monotonic()

    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - began:7.1f} s  {line}")

    with floor_session() as (client, _):
        registrar = f"127.0.0.1:{load_settings().sip_port}"
        worker = DeskAgent(client, registrar, agent, Habits(answer_after, talk, note, tone), say)
        try:
            run_until_told(worker.work(seconds))
        except (PhoneUnusable, NotRegistered) as error:
            raise click.ClickException(str(error)) from error

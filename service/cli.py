"""The command line `kring`."""

import importlib

import click

# One module below service/commands per command; imported only when used, so that `kring` starts fast.
COMMANDS = {
    "acd": "Agents, queues and talks live; why a call waits; the tables of skills.",
    "agent": "Speak for an agent or supervisor; agents' SIP accounts.",
    "api": "The HTTP API: every operation, who may ask, what it does.",
    "asterisk": "Start, stop, ask or reload the embedded Asterisk.",
    "call": "Place a real SIP call, press keys, and print what is heard.",
    "callbacks": "Who waits to be called back; call back those whose calls were lost.",
    "calls": "List, show and export the record of calls.",
    "campaigns": "Define, run and explain campaigns; who may not be called; the kill switch.",
    "config": "The tables of settings: see, change, who changed what, undo.",
    "dialer": "Attempts to reach people outside, and those nobody knows what became of.",
    "doctor": "Check everything this installation needs and name the remedy.",
    "figures": "Figures of calls and agents by anything; their roll-ups, and whether these are right.",
    "flows": "Check and draw the call flows.",
    "line": "Close or open the line, and see the opening hours.",
    "lists": "Load lists of taxpayers to call; see their rows, approve, withdraw.",
    "matters": "Cases, complaints and promises: their clocks, who has them, how long they took.",
    "people": "Be the people outside whom campaigns call: a telephone to try them out with.",
    "person": "Requests of people about their own data: what is held, a bundle of it.",
    "plan": "Plan staff: calls to be expected, agents needed, a simulator, what-ifs.",
    "prompts": "Check, render and recognise the prompts.",
    "quality": "The forms by which calls are scored, and what was scored.",
    "recordings": "What is recorded, whether it is whole; hold, release and destroy it.",
    "report": "Reports: saved and scheduled, the monthly one, queue_log, the data dictionary.",
    "review": "Find recordings: the index of what is known of them; samples; the work list.",
    "schedule": "Shifts: make, import, see; adherence; requests to be offline.",
    "serve": "Run the service.",
    "staff": "Who may sign in to the pages: people, roles, one-time passwords.",
    "settings": "Show every setting and where it came from.",
    "transcripts": "What a machine wrote down of recordings: a search aid, off by default.",
}


class _LazyGroup(click.Group):
    """Loads a command's module when it is first asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"service.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.command(cls=_LazyGroup)
def main() -> None:
    """The phone system of Kring Pajak 1500200."""

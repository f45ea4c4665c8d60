"""`python -m bench [NAME …]`: run the benches and print their figures."""

import argparse
import importlib
import sys

from bench.figures import Report

# One module each, with `run(report: Report) -> None`.
BENCHES = {
    "ivr": "The same menu by this service and by the dialplan: CPU per call, key to prompt, 300 callers.",
    "knee": "Answer, hold 100 ms, hang up: clean calls a second, and what happens past them.",
    "ari_client": "Requests and events a second through the ARI client, against other clients.",
    "season": "A filing season on a virtual clock: service level, waits, fairness, in four kinds of rings.",
    "matcher": "Matches a second, against SQL per decision, and the curve up to 5,000 agents.",
    "app_queue": "A filing day scaled 1:60 through Asterisk's app_queue and through this service.",
    "app_queue_days": "That comparison on 48 days of a virtual clock: the matcher, a model of app_queue.",
    "agents": "60 agents and 200 waiting callers as SIP phones: nothing lost, stuck or left over.",
    "pages": "200 agents' pages listen while calls are offered: events, cards, CPU, memory, a browser.",
    "pacing": "Predictive pacing on a virtual clock against progressive, VICIdial's rule and fixed ratios.",
    "list_import": "1.2 million rows from CSV and XLSX to contacts and a complete report: seconds, memory.",
    "ledger": "10,000 SIP calls through kills and cuts: three ledgers, every law of outbound dialling.",
    "leads": "Choosing the next 100 leads among 5 million, on SQLite and PostgreSQL.",
    "recording": "100 conversations recorded at once: CPU beside a bare MixMonitor and ARI; whole, in step.",
    "review_search": "Finding recordings among 1.2 million calls by any filters, on SQLite and PostgreSQL.",
    "reports": "A year of calls: reports of any day, month and year; roll-ups against the event log.",
    "originate": "Attempts a second with every check and durable intent, against a client without any.",
    "sealing": "Recordings sealed, times real time a core; a call of two hours begins to play.",
    "wallboard": "500 agents and 1,000 waiting: what wallboards cost of one core.",
    "planner": "Forecasts against a naive peer; Erlang A against the simulator of the matcher.",
    "restart": "The service is killed with 100 callers in menus, and with 40 talks and 60 waiting.",
}

# The same, run only when they are named: they need packages that the product does not.
NAMED_ONLY = {
    "transcripts": "Talks of two sides written down: CPU a minute, words wrong. Needs the extra `voice`.",
}


def main() -> int:
    """Run the benches named on the command line, or all. Returns 1 if any figure does not hold."""
    known = {**BENCHES, **NAMED_ONLY}
    listing = "\n".join(f"  {name:16}{about}" for name, about in known.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Benches. Each figure is a line of JSON; the exit code is 1 if any does not hold.",
        epilog=f"benches:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="run only these")
    parser.add_argument("--short", action="store_true", help="short rounds, to try the benches themselves")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(known)}")
    report = Report(short=asked.short)
    for name in asked.names or BENCHES:
        report.progress(f"bench {name}")
        importlib.import_module(f"bench.{name}").run(report)
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())

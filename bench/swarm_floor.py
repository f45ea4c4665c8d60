"""The product's floor as the swarm's administrator and agents use it: tables, accounts, requests, views."""

import csv
import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acd.tables_csv import COLUMNS, DATA
from bench import processes
from bench.processes import HOST, Installation, NotRunning
from bench.swarm_day import WIDER_AFTER, Day, Line, widening
from bench.swarm_sip import Credentials

_ADOPTED_WITHIN = 10.0  # seconds
Row = Mapping[str, object]
GENERAL = Line("0", "general", "general", "A", 0.0)  # every flow must lead to a person


@dataclass(slots=True)
class FloorDoor:
    """The floor's API of a running installation. Blocking; every method raises NotRunning."""

    product: Installation

    def adopt(self, day: Day, wrap_up: float) -> None:
        """Put a day's agents, skills and rings in force."""
        folder = self.product.home / "tables"
        write_tables(folder, day, wrap_up)
        kring = Path(sys.executable).parent / "kring"
        done = subprocess.run(
            [str(kring), "acd", "tables", "import", str(folder)],
            check=False, capture_output=True, text=True, timeout=60, env=self.product.environment,
        )  # fmt: skip
        if done.returncode:
            raise NotRunning(f"the tables were refused: {done.stdout[-500:]} {done.stderr[-500:]}")
        wanted = {each.number for each in day.staff}
        deadline = time.monotonic() + _ADOPTED_WITHIN
        while not wanted <= {row["agent"] for row in self.rows("agents")}:
            if time.monotonic() > deadline:
                raise NotRunning(f"the tables are not in force {_ADOPTED_WITHIN:g} s after their import")
            time.sleep(0.1)

    def accounts(self, agents: Iterable[str]) -> Sequence[Credentials]:
        """Make a desk phone's account for each agent."""
        made = (self._ask("accounts", {"agent": agent, "kind": "desk"}) for agent in agents)
        return [Credentials(row["account"], row["secret"]) for row in made]

    def request(self, name: str, agent: str, **fields: str) -> None:
        """Make a request in an agent's name, e.g. `ready`."""
        self._ask("requests", {"request": name, "agent": agent, "by": "bench", **fields})

    def rows(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return what a view shows: `agents`, `queues` or `talks`."""
        found: Sequence[Mapping[str, Any]] = self._ask(name)[name]
        return found

    def _ask(self, name: str, body: Row | None = None) -> Any:
        url = f"http://{HOST}:{processes.WEB}/api/floor/{name}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, content)
        token = (self.product.home / "secrets" / "floor_token").read_text("ascii").strip()
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise NotRunning(f"{name}: {error.code} {error.read().decode()[:300]}") from error
        except OSError as error:
            raise NotRunning(f"the floor does not answer: {error}") from error


def write_tables(folder: Path, day: Day, wrap_up: float) -> None:
    """Write a day as the administrator's tables; what a day does not say is as shipped."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in COLUMNS:
        shutil.copy(DATA / f"{table}.csv", folder)
    lines = (*day.lines, GENERAL)
    skills = {line.skill for line in lines}
    _write(folder, "skills", ((skill, skill, 1, "", "yes") for skill in sorted(skills)))
    _write(folder, "agents", ((each.number, f"Agen {each.place}", "bench", "id en") for each in day.staff))
    _write(
        folder,
        "competences",
        ((each.number, skill, tier, 1, "") for each in day.staff for skill, tier in each.skills.items()),
    )
    tiers = sorted({line.tier for line in lines})
    rings = [
        (f"{tier.lower()}_first", after, " ".join(widening(tier)[: step + 1]), 1, 0, "yes")
        for tier in tiers
        for step, after in enumerate(WIDER_AFTER)
    ]
    _write(folder, "rings", rings)
    plan = "{}_first"
    rows = ((each.queue, each.skill, each.tier, plan.format(each.tier.lower()), 0, "yes") for each in lines)
    _write(folder, "requirements", rows)
    _write(folder, "reserves", ())
    with (folder / "rules.csv").open(newline="", encoding="utf-8") as file:
        rules = list(csv.reader(file))[1:]
    _write(folder, "rules", ((n, wrap_up if n == "wrap_up_seconds" else v, *rest) for n, v, *rest in rules))


def _write(folder: Path, table: str, rows: Iterable[Sequence[object]]) -> None:
    with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS[table])
        writer.writerows(rows)

"""`pytest -p tests.fault_report`: adds up what fault tests told, prints it, and fails where it does not hold.

It fails when a kind of fault was injected nowhere, when a loss was silent, when something tampered with was
not found at its place, or when a byte went to somebody whom it is not for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests import faults
from tests.faults import Denied, Fault


@dataclass
class Sums:
    """Everything that was told."""

    injected: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    tampered: int = 0
    found: int = 0
    looked_for_losses: int = 0
    silent: int = 0

    def add(self, name: str, value: object) -> None:
        """Take one thing that a test told."""
        match name:
            case faults.INJECTED | faults.ASKED | faults.GIVEN:
                sums = {faults.INJECTED: self.injected, faults.ASKED: self.asked, faults.GIVEN: self.given}
                what, _, many = str(value).rpartition("=")
                sums[name][what] += int(many)
            case faults.TAMPERED:
                self.tampered += int(str(value))
            case faults.FOUND:
                self.found += int(str(value))
            case faults.SILENT:
                self.looked_for_losses += 1
                self.silent += int(str(value))

    def wrong(self) -> list[str]:
        """Return what does not hold, in words."""
        found = [f"{one.value}: injected nowhere" for one in Fault if not self.injected[one]]
        found += [f"{one.value}: nobody asked" for one in Denied if not self.asked[one]]
        if not self.looked_for_losses:
            found.append("losses: nobody looked for them")
        if self.silent:
            found.append(f"{self.silent} losses of which nobody was told")
        if not self.tampered or self.found != self.tampered:
            found.append(f"{self.found} of {self.tampered} tamperings found at the right place")
        if given := sum(self.given.values()):
            found.append(f"{given} bytes given to who may not have them")
        return found

    def lines(self) -> list[str]:
        """Return the counts as they are printed."""
        rows = [f"{one.value:<18} {self.injected[one]:>6} injected" for one in Fault]
        rows.append(f"{'in all':<18} {sum(self.injected.values()):>6} injected")
        rows.append(f"silent losses      {self.silent:>6} of {self.looked_for_losses} looked for")
        rows.append(f"tamperings found   {self.found:>6} of {self.tampered}, each at its place")
        for one in Denied:
            rows.append(f"bytes to {one.value:<15} {self.given[one]} of {self.asked[one]} requests")
        return rows


def _sums(config: pytest.Config) -> Sums:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    sums = Sums()
    reports = [] if reporter is None else reporter.stats.get("passed", [])
    for report in reports:
        for name, value in report.user_properties:
            sums.add(name, value)
    return sums


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run where it does not hold."""
    if hasattr(session.config, "workerinput"):
        return  # one of several processes: who started them adds up
    if session.exitstatus == pytest.ExitCode.OK and _sums(session.config).wrong():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts."""
    sums = _sums(terminalreporter.config)
    terminalreporter.section("faults")
    for line in sums.lines():
        terminalreporter.line(line)
    for line in sums.wrong():
        terminalreporter.line(f"NOT HELD: {line}", red=True)

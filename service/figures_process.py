"""The process that keeps the roll-ups of figures: `python -m service.figures_process`, one round."""

from __future__ import annotations

import asyncio
import os
import sys

import structlog

from desk.matter_data import TableProblem
from domain.clock import SystemClock
from reporting.asking import FiguresUnavailable
from service.figures_part import make_figures
from service.secrets import MASTER_KEY
from service.settings import SettingsError, load_settings
from storage.database import Database, DatabaseProblem
from storage.vault import Vault, VaultProblem

_NICE = 15
_MOST = 400  # days of one round: a year's
_PROBLEMS = (FiguresUnavailable, DatabaseProblem, SettingsError, TableProblem, VaultProblem, OSError)


def main() -> int:
    """Run one round; 0: every day that is over has its roll-up, or the next round goes on."""
    os.nice(_NICE)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return one_round()


def one_round() -> int:
    """Run one round on this installation."""
    log = structlog.get_logger("kring.figures")
    try:
        settings = load_settings()
        vault = Vault.load(settings.secrets_folder / MASTER_KEY)
        database = Database.open(settings.database)
        try:
            rolled = asyncio.run(make_figures(database, vault, SystemClock()).rollups.round(_MOST))
        finally:
            database.close()
    except _PROBLEMS as error:
        log.warning("roll-ups could not be made", problem=str(error))
        return 1
    if rolled.days:
        log.info("figures rolled up", days=len(rolled.days), months=rolled.months, left=rolled.left)
    return 0


if __name__ == "__main__":
    sys.exit(main())

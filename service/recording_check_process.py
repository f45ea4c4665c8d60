"""The process that checks manifest, files and store by night: `python -m service.recording_check_process`.

Everything there is gets read, so calls come first; what it finds it tells by alarms on record.
"""

from __future__ import annotations

import asyncio
import os
import sys

import structlog

from domain.clock import SystemClock
from recording.ports import RecordingsUnavailable
from service.recording_checks import check_all
from service.recording_keeping_records import open_keeping
from service.settings import SettingsError
from storage.database import DatabaseProblem
from storage.recording_alarms import DurableAlarms

_NICE = 15


def main() -> int:
    """Check once; 0: it was done, whatever was found."""
    os.nice(_NICE)
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log = structlog.get_logger("kring.recordings")
    try:
        with open_keeping() as (records, keeping):
            alarms = DurableAlarms(records.database, SystemClock())
            found = asyncio.run(check_all(keeping.manifest, keeping.scanner, alarms))
    except (DatabaseProblem, SettingsError, RecordingsUnavailable, OSError) as error:
        log.warning("recordings could not be checked", problem=str(error))
        return 1
    wrong = len(found.report.findings)
    log.info("recordings checked", rows=found.report.rows, wrong=wrong, strays=len(found.strays))
    return 0


if __name__ == "__main__":
    sys.exit(main())

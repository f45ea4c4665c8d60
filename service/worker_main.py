"""How a process that works for the service runs, and what it may say when it fails."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


def run_worker(main: Callable[[], int]) -> NoReturn:
    """End the process with the status that `main` returns.

    Of an error that nobody expected only its kind and its place go to the service, on standard error:
    its text could quote a row, or hold an address with a password.
    """
    try:
        sys.exit(main())
    except Exception as error:  # noqa: BLE001 - see above
        last = traceback.extract_tb(error.__traceback__)[-1]
        sys.exit(f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}")

"""The process that checks the installation for the status page: `python -m service.checkup_process`.

Some checks take seconds and wait for others; calls come first, so none of them runs in the service.
"""

import json
import os
import sys
from dataclasses import asdict

from service.checkup import look
from service.settings import SettingsError, load_settings

_NICE = 19


def main() -> int:
    """Write every finding as JSON; 0: it was done, whatever was found."""
    os.nice(_NICE)
    try:
        settings = load_settings()
    except SettingsError:
        return 1
    sys.stdout.write(json.dumps([asdict(finding) for finding in look(settings)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

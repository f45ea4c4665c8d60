"""The process that makes transcripts, with a double that says how nicely it works: `python -m` this."""

import os
import sys

from service.transcript_worker import main
from tests.transcript_double import EverywhereWords


def nice_words() -> EverywhereWords:
    """Return a recogniser whose only word is the process's niceness."""
    return EverywhereWords(f"nice{os.nice(0)}")


if __name__ == "__main__":
    sys.exit(main(nice_words, lambda: True))

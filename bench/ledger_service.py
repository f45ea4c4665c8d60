"""The product's own command line, with ARI reached through the relay of the proof."""

import os
from typing import Any

import ari
from service import cli

RELAY = "LEDGER_ARI_PORT"  # of the environment


class _ThroughRelay(ari.Client):
    def __init__(self, url: str, *words: Any, **named: Any) -> None:
        port = os.environ[RELAY]
        super().__init__(f"http://127.0.0.1:{port}", *words, **named)


def main() -> None:
    """Run `kring`; the keeper's children inherit the way through the relay."""
    ari.Client = _ThroughRelay  # type: ignore[misc]
    cli.main()


if __name__ == "__main__":
    main()

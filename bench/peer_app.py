"""The hold of the `knee` bench written against ari-client 0.9.0. Runs in the peers' own environment.

Arguments: ARI port, user, application. The password comes on standard input. "ready" is printed once
the application is registered.
"""

import asyncio
import contextlib
import importlib
import logging
import sys
from typing import Any


async def main() -> None:
    """Answer every call and play the prompt; the caller hangs up."""
    port, user, application = sys.argv[1:4]
    password = sys.stdin.readline().strip()
    logging.disable(logging.CRITICAL)  # the library logs every request; a peer is measured at its best
    library: Any = importlib.import_module("ari_client")
    client = library.AriClient(host="127.0.0.1", port=int(port), ari_user=user, ari_password=password)

    @client.on_stasis_start  # type: ignore[untyped-decorator]
    async def started(event: Any) -> None:
        await event.channel.answer()
        with contextlib.suppress(Exception):  # the library's own kind; the caller hung up already
            await event.channel.play(media="sound:kring/id/bench_menu")

    await client.connect(app=application)
    print("ready", flush=True)
    await client.event_listener


asyncio.run(main())

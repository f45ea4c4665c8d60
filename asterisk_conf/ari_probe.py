"""The one question asked of ARI here: does it answer? The typed client lives in `ari`."""

import asyncio
import base64

from asterisk_conf.settings import ARI_USER, AsteriskSettings

_SECONDS = 2.0


async def answers(settings: AsteriskSettings, path: str = "asterisk/ping") -> bool:
    """Tell whether `GET /ari/<path>` gives 200 within 2 seconds."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await _status(settings, path) == 200
    except (OSError, TimeoutError, ValueError, IndexError):
        return False


async def _status(settings: AsteriskSettings, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", settings.ari_port)
    try:
        login = base64.b64encode(f"{ARI_USER}:{settings.ari_password}".encode()).decode()
        writer.write(
            f"GET /ari/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {login}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        line = await reader.readline()
        return int(line.split()[1])
    finally:
        writer.close()

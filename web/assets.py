"""The built files that pages load (`web/static`, made by `web.build`): their addresses, and serving them."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from web.build import MANIFEST, STATIC
from web.parts import Shared

PREFIX = "/static"
MISSING = "the pages are not built: styles and scripts are missing; run  make install  and start again"
_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".map": "application/json",
    ".svg": "image/svg+xml",
}
_KEPT = "public, max-age=31536000, immutable"  # a file's name tells its content
_WORTH_PACKING = 1_000  # bytes


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes  # gzip; empty: not worth it
    kind: str


class Assets:
    """The files of one build, in memory. Without a build there are none, and pages go without them."""

    def __init__(self, names: Mapping[str, str], files: Mapping[str, _File]) -> None:
        self._names = names  # file by the name that pages ask for
        self._files = files

    @classmethod
    def load(cls, folder: Path = STATIC) -> "Assets":
        """Read what was built. A missing or broken build gives no files; `trouble` then says so."""
        try:
            names = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
            files = {
                path.relative_to(folder).as_posix(): _read(path)
                for path in sorted(folder.rglob("*"))
                if path.suffix in _TYPES
            }
            return cls({str(name): str(file) for name, file in names.items() if file in files}, files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls({}, {})

    def asset(self, name: str) -> str:
        """Return the address of a file, e.g. of `main.js`. One that was not built leads to a 404."""
        return f"{PREFIX}/{self._names.get(name, name)}"

    def names(self) -> frozenset[str]:
        """Return the names that pages may ask for."""
        return frozenset(self._names)

    @property
    def trouble(self) -> str | None:
        """Return what stands in the way of the pages, with the remedy; None: nothing."""
        return None if self._names else MISSING

    async def check(self) -> str | None:
        """Return `trouble`, as the readiness of the service asks for it."""
        return self.trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file (ASGI)."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("files are only read\n", 405, {"Allow": "GET, HEAD"})
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).lstrip("/")
        file = self._files.get(path)
        if file is None:
            return PlainTextResponse("there is no such file; load the page again\n", 404)
        headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
        accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
        if file.packed and b"gzip" in accepted:
            return Response(
                file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.kind
            )
        return Response(file.content, headers=headers, media_type=file.kind)


def add_asset_routes(shared: Shared, assets: Assets) -> None:
    """Serve the built files to everybody: they hold nothing of anybody."""
    shared.guard.mount(PREFIX, assets, "static")


def _read(path: Path) -> _File:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if len(content) >= _WORTH_PACKING else b""
    return _File(content, packed, _TYPES[path.suffix])

"""The built files: addresses, serving, and what is said when they are not there."""

import json
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.web.page_parts import page_app
from web.assets import MISSING, Assets, add_asset_routes


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main-AB12.js").write_text("export const a = 1;\n" * 100)
    (tmp_path / "icon-12.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("not for pages")
    files = {"main.js": "src/main-AB12.js", "icon.svg": "icon-12.svg", "gone.js": "gone-1.js"}
    (tmp_path / "manifest.json").write_text(json.dumps({"digest": "x", "files": files}))
    return tmp_path


def _client(assets: Assets) -> httpx.AsyncClient:
    return page_app([partial(add_asset_routes, assets=assets)]).client("nobody")


async def test_a_file_is_found_by_its_name_and_kept_by_the_browser(built: Path) -> None:
    assets = Assets.load(built)
    assert assets.trouble is None
    assert assets.asset("main.js") == "/static/src/main-AB12.js"
    async with _client(assets) as client:
        answer = await client.get(assets.asset("main.js"), headers={"accept-encoding": "gzip"})
        plain = await client.get(assets.asset("main.js"), headers={"accept-encoding": "identity"})
        icon = await client.get(assets.asset("icon.svg"))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(plain.content)
    assert answer.text == plain.text
    assert icon.headers["content-type"] == "image/svg+xml"


async def test_only_built_files_are_served(built: Path) -> None:
    assets = Assets.load(built)
    async with _client(assets) as client:
        for path in ("secret.txt", "manifest.json", "../secret.txt", "%2e%2e/secret.txt", "gone-1.js", ""):
            assert (await client.get(f"/static/{path}")).status_code == 404
        assert (await client.post(assets.asset("main.js"))).status_code == 405


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"files": 1}'])
async def test_without_a_build_the_service_lives_and_says_so(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    assets = Assets.load(tmp_path)
    assert await assets.check() == MISSING
    assert "make install" in MISSING
    async with _client(assets) as client:
        assert (await client.get(assets.asset("main.js"))).status_code == 404

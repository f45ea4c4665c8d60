"""Fetching Debian packages: what is missing is named, and a folder is whole or not there."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from asterisk_conf import debian, program

ROOTS = ("usr/bin/tool", "usr/share/doc/tool/README", "usr/share/extra/file")


class FakeMachine:
    """Stands in for the programs that fetching starts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failing: str | None = None) -> None:
        self.started: list[str] = []
        self._failing = failing
        monkeypatch.setattr(debian, "_run", self.run)
        monkeypatch.setattr(debian, "host_suite", lambda: "bookworm")
        monkeypatch.setattr(debian, "_require_programs", lambda: None)
        monkeypatch.setattr(debian, "_KEYRINGS", (Path("/"),))

    def run(
        self, command: Sequence[str], *, timeout: float, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        name = next((word for word in command[1:] if word.startswith(("--print", "--down", "--extract"))), "")
        self.started.append(f"{command[0]} {command[1] if len(command) > 1 else ''} {name}".strip())
        if self._failing is not None and self._failing in self.started[-1]:
            return subprocess.CompletedProcess(list(command), 100, "", "E: no such thing\n")
        out = ""
        if command[1] == "update" and name:
            out = "'http://mirror.test/debian/dists/bookworm/InRelease' x 0\n"
        if name == "--download-only" and env is not None:
            (Path(env["APT_CONFIG"]).parent / "cache/archives/tool_1_all.deb").touch()
        if name == "--extract":
            for path in ROOTS:
                (Path(command[-1]) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(command[-1]) / path).touch()
        return subprocess.CompletedProcess(list(command), 0, out, "")


def _files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_packages_are_unpacked_without_documentation_and_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = FakeMachine(monkeypatch)
    dest = tmp_path / "cache" / "tool"
    debian.fetch(["tool"], "forky", dest, drop=("usr/share/extra",), progress=lambda line: None)
    assert _files(dest) == {"usr/bin/tool", ".debian-packages"}
    before = len(machine.started)
    debian.fetch(["tool"], "forky", dest, progress=lambda line: None)
    assert len(machine.started) == before
    debian.fetch(["tool", "more"], "forky", dest, progress=lambda line: None)
    assert len(machine.started) > before


@pytest.mark.parametrize("failing", ["apt-get update", "--download-only", "--extract"])
def test_after_a_failure_nothing_is_left_behind(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeMachine(monkeypatch, failing)
    with pytest.raises(debian.PackagesUnavailable):
        debian.fetch(["tool"], "forky", tmp_path / "tool", progress=lambda line: None)
    assert [path.name for path in tmp_path.iterdir()] == [".tool.lock"]


def test_a_refused_version_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FakeMachine(monkeypatch)

    def too_old(root: Path) -> None:
        raise debian.PackagesUnavailable("older than 22.10.1")

    with pytest.raises(debian.PackagesUnavailable, match="older"):
        debian.fetch(["tool"], "forky", tmp_path / "tool", check=too_old, progress=lambda line: None)
    assert not (tmp_path / "tool").exists()


def test_missing_programs_are_named_with_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(debian, "_KEYRINGS", (tmp_path / "none.gpg",))
    with pytest.raises(debian.PackagesUnavailable) as caught:
        debian.fetch(["tool"], "forky", tmp_path / "tool")
    assert "sudo apt-get install apt dpkg gpgv debian-archive-keyring" in str(caught.value)


def test_an_unpacked_program_is_started_through_its_own_loader_if_it_has_one(tmp_path: Path) -> None:
    for path in ("usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/libc.so.6", "usr/bin/tool"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    tool = debian.tool_command(tmp_path, "usr/bin/tool")
    assert tool.argv == (
        f"{tmp_path}/usr/lib64/ld-linux-x86-64.so.2",
        "--library-path",
        f"{tmp_path}/usr/lib/x86_64-linux-gnu",
        f"{tmp_path}/usr/bin/tool",
    )
    (tmp_path / "usr/lib64/ld-linux-x86-64.so.2").unlink()
    tool = debian.tool_command(tmp_path, "usr/bin/tool")
    assert (tool.argv, tool.env["LD_LIBRARY_PATH"]) == (
        (f"{tmp_path}/usr/bin/tool",),
        f"{tmp_path}/usr/lib/x86_64-linux-gnu",
    )


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("22.9.0", (22, 9, 0)),
        ("23.1", (23, 1, 0)),
        ("GIT-master", ()),
    ],
)
def test_versions_are_read(version: str, numbers: tuple[int, ...]) -> None:
    assert program.version_numbers(version) == numbers

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from service import checkup
from service.cli import main
from service.secrets import make_secrets
from service.settings import Settings, load_settings
from web.checkup_port import Finding
from web.checkup_texts import tell


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"KRING_HOME": str(tmp_path), "KRING_CACHE": str(tmp_path / "cache")})


def _remedies(findings: list[Finding]) -> dict[str, str]:
    told = [(finding.about, tell(finding, "en").remedy) for finding in findings]
    return {about: remedy for about, remedy in told if remedy is not None}


def test_a_port_that_something_else_uses_is_named_with_its_variable(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = load_settings({"KRING_HOME": str(tmp_path), "KRING_WEB_PORT": str(port)})
        remedies = _remedies(list(checkup.ports(settings)))
    assert "KRING_WEB_PORT" in remedies["web_port"]
    assert str(port) in remedies["web_port"]
    assert "web_port" not in _remedies(list(checkup.ports(settings)))


def test_a_certificate_that_browsers_would_refuse_is_named(settings: Settings) -> None:
    make_secrets(settings)
    assert _remedies(list(checkup.certificate(settings))) == {}
    (settings.secrets_folder / "wss_key.pem").unlink()
    [missing, *_] = checkup.certificate(settings)
    assert (missing.about, missing.code) == ("certificate", "certificate_unfit")
    assert "kring serve --set-up" in missing.detail


def test_secrets_that_others_can_read_are_found(settings: Settings) -> None:
    assert _remedies(list(checkup.secrets(settings))) == {"secrets": "make install"}
    make_secrets(settings)
    assert _remedies(list(checkup.secrets(settings))) == {}
    path = settings.secrets_folder / "ami_password"
    path.chmod(0o640)
    assert _remedies(list(checkup.secrets(settings))) == {"secrets": f"chmod 600 {path}"}


def test_missing_programs_are_named_with_the_command_that_installs_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == "git" else f"/usr/bin/{name}")
    assert _remedies(list(checkup.machine(settings)))["programs"] == "sudo apt install git"


def test_a_full_disk_and_a_broken_database_are_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "LEAST_FREE", 10**18)
    assert "make room" in _remedies(list(checkup.folders(settings)))["home"]
    (settings.home / "kring.db").write_bytes(b"this is no database at all, but long enough to be read" * 100)
    assert "database" in _remedies(list(checkup.database(settings)))


def test_a_broken_flow_is_found(tmp_path: Path) -> None:
    (tmp_path / "kring_pajak.yaml").write_text("flow: kring_pajak\nsteps: {}\n")
    settings = load_settings({"KRING_HOME": str(tmp_path), "KRING_FLOWS": str(tmp_path)})
    assert _remedies(list(checkup.flows(settings)))["flows"] == "kring flows check"


def test_the_command_tells_programs_and_people(settings: Settings) -> None:
    environ = {
        "KRING_HOME": str(settings.home),
        "KRING_CACHE": str(settings.cache),
        "KRING_PORT_OFFSET": "17000",
    }
    result = CliRunner().invoke(main, ["doctor", "--json"], env=environ)
    findings = {finding["about"]: finding for finding in json.loads(result.output)}
    assert findings["database"]["remedy"] == "make install"
    assert findings["python"]["remedy"] is None
    assert result.exit_code == 1
    shown = CliRunner().invoke(main, ["doctor"], env=environ).output
    assert "NO  Database" in shown
    assert "→ make install" in shown
    assert "NO  Basis data" in CliRunner().invoke(main, ["doctor", "--lang", "id"], env=environ).output

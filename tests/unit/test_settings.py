import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.settings import Origin, SettingsError, load_settings, shown


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def _write(home: Path, text: str) -> Path:
    path = home / "kring.toml"
    path.write_text(text)
    return path


def test_environment_beats_file_beats_default(home: Path) -> None:
    file = _write(home, 'web_port = 9001\nsip_port = 9002\nflows = "my flows"\n')
    settings = load_settings({"KRING_HOME": str(home), "KRING_SIP_PORT": "9003"})
    assert (settings.sip_port, settings.sources["sip_port"].origin) == (9003, Origin.ENVIRONMENT)
    assert (settings.web_port, settings.sources["web_port"].where) == (9001, str(file))
    assert (settings.ari_port, settings.sources["ari_port"].origin) == (8088, Origin.DEFAULT)
    assert settings.flows == home / "my flows"


def test_a_second_installation_needs_one_number(home: Path) -> None:
    settings = load_settings({"KRING_HOME": str(home), "KRING_PORT_OFFSET": "100", "KRING_WEB_PORT": "9000"})
    assert (settings.web_port, settings.sip_port, settings.ari_port, settings.ami_port) == (
        9000,
        5160,
        8188,
        5138,
    )
    assert (settings.rtp_first, settings.rtp_last) == (20100, 24099)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"KRING_WEB_PROT": "1"}, "KRING_WEB_PROT: unknown setting; did you mean KRING_WEB_PORT"),
        ({"KRING_WEB_PORT": "80"}, "KRING_WEB_PORT: web_port = '80': must be from 1024 to 65535"),
        ({"KRING_WEB_PORT": "x"}, "write a whole number"),
        ({"KRING_LANGUAGE": "fr"}, "write one of: id, en"),
        ({"KRING_SIP_HOST": "localhost"}, "write an IP address"),
        ({"KRING_TRUNKS": "0.0.0.0/0"}, "whole internet"),
        ({"KRING_ARI_PORT": "8080"}, "ari_port = 8080: web_port uses this port"),
        ({"KRING_CONFIG": "/nowhere.toml"}, "there is no such file"),
        ({"KRING_RTP_FIRST": "30000"}, "rtp_last = 23999: must be at least 3 above rtp_first = 30000"),
        ({"KRING_RECORDING_STORE": "ftp://x"}, "s3://BUCKET/PREFIX"),
        ({"KRING_RECORDING_STORE": "s3://records"}, "recording_s3_endpoint, recording_s3_access_key"),
        ({"KRING_RECORDING_S3_ACCESS_KEY": "us"}, "no use without recording_store"),
        ({"KRING_RECORDING_S3_ENDPOINT": "http://store.example"}, "write an https address"),
        ({"KRING_RECORDING_CODING": "mp3"}, "flac, opus"),
    ],
)
def test_what_cannot_be_used_is_named_with_a_remedy(home: Path, environ: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({"KRING_HOME": str(home), **environ})
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("web_prot = 1", "web_prot: unknown setting; did you mean web_port?"),
        ("web_port = true", "web_port = True: write a whole number"),
        ("web_port = ", "not TOML"),
        ('home = "x"', "KRING_HOME instead"),
    ],
)
def test_a_bad_file_is_named(home: Path, text: str, says: str) -> None:
    file = _write(home, text)
    with pytest.raises(SettingsError) as raised:
        load_settings({"KRING_HOME": str(home)})
    assert str(file) in str(raised.value)
    assert says in str(raised.value)


def test_the_password_of_the_database_comes_from_a_file_and_is_never_shown(home: Path) -> None:
    (home / "password").write_text("p@ss/1\n")
    settings = load_settings(
        {
            "KRING_HOME": str(home),
            "KRING_DATABASE_URL": "postgresql://kring:old@db/kring",
            "KRING_DATABASE_PASSWORD_FILE": str(home / "password"),
        }
    )
    assert settings.database == "postgresql+psycopg://kring:p%40ss%2F1@db/kring"
    assert shown(settings, "database_url") == "postgresql+psycopg://kring:(hidden)@db/kring"
    with pytest.raises(SettingsError) as raised:
        load_settings({"KRING_HOME": str(home), "KRING_DATABASE_URL": "mysql://root:geheim@db/x"})
    assert "geheim" not in str(raised.value)


def test_settings_show_prints_values_and_sources(home: Path) -> None:
    environ = {
        "KRING_HOME": str(home),
        "KRING_WEB_PORT": "9000",
        "KRING_DATABASE_URL": "postgresql://a:geheim@h/x",
    }
    result = CliRunner().invoke(main, ["settings", "show", "--json"], env=environ)
    rows = {row["key"]: row for row in json.loads(result.output)}
    assert rows["web_port"]["value"] == "9000"
    assert rows["web_port"]["source"] == "environment KRING_WEB_PORT"
    assert "geheim" not in result.output

import stat
from pathlib import Path

import pytest

from service.secrets import SecretsError, make_secrets, read_secrets
from service.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"KRING_HOME": str(tmp_path)})


def test_secrets_are_made_once_for_their_owner_only(settings: Settings) -> None:
    assert make_secrets(settings) == ["ari_password", "ami_password", "floor_token", "wss_certificate.pem"]
    first = read_secrets(settings)
    assert make_secrets(settings) == []
    again = read_secrets(settings)
    assert (first.ari_password, first.ami_password) == (again.ari_password, again.ami_password)
    assert first.ari_password != first.ami_password
    assert len(first.ari_password) >= 32
    modes = {stat.S_IMODE(path.stat().st_mode) for path in settings.secrets_folder.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(settings.secrets_folder.stat().st_mode) == 0o700


def test_secrets_show_nowhere(settings: Settings) -> None:
    make_secrets(settings)
    secrets = read_secrets(settings)
    assert secrets.ari_password not in repr(secrets)
    assert secrets.ami_password not in repr(secrets)


def test_open_and_missing_secrets_are_refused(settings: Settings) -> None:
    with pytest.raises(SecretsError, match="missing"):
        read_secrets(settings)
    make_secrets(settings)
    path = settings.secrets_folder / "ari_password"
    path.chmod(0o644)
    with pytest.raises(SecretsError, match=f"chmod 600 {path}"):
        read_secrets(settings)

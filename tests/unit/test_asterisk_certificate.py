import datetime
import ssl
import stat
from pathlib import Path

import pytest

from asterisk_conf import certificate
from asterisk_conf.certificate import CertificateProblem

DAY = datetime.timedelta(days=1)


def _paths(folder: Path) -> tuple[Path, Path]:
    return folder / "certificate.pem", folder / "key.pem"


def _in(days: int) -> certificate.Now:
    return lambda: certificate.utc_now() + days * DAY


def test_it_is_made_once_for_this_machine_and_the_configured_name(tmp_path: Path) -> None:
    cert, key = _paths(tmp_path)
    assert certificate.ensure(cert, key, "phone.example.test")
    assert not certificate.ensure(cert, key, "phone.example.test")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (cert, key)} == {0o600}
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    assert list(certificate.problems(cert, key, "127.0.0.1")) == []
    (problem,) = certificate.problems(cert, key, "192.0.2.7")
    assert "is not for 192.0.2.7" in problem


def test_it_is_renewed_thirty_days_before_its_end(tmp_path: Path) -> None:
    cert, key = _paths(tmp_path)
    certificate.ensure(cert, key, "127.0.0.1")
    first = cert.read_bytes(), key.read_bytes()
    assert not certificate.ensure(cert, key, "127.0.0.1", _in(334))
    assert certificate.ensure(cert, key, "127.0.0.1", _in(336))
    assert (cert.read_bytes(), key.read_bytes()) != first
    assert list(certificate.problems(cert, key, "127.0.0.1", _in(336))) == []


@pytest.mark.parametrize("damage", ["certificate", "key", "pair", "mode"])
def test_what_cannot_be_used_is_named_and_made_anew(tmp_path: Path, damage: str) -> None:
    cert, key = _paths(tmp_path)
    certificate.ensure(cert, key, "127.0.0.1")
    if damage == "pair":
        other = _paths(tmp_path / "other")
        certificate.ensure(*other, "127.0.0.1")
        key.write_bytes(other[1].read_bytes())
    elif damage == "mode":
        key.chmod(0o644)
    else:
        (cert if damage == "certificate" else key).write_bytes(b"-----BEGIN NONSENSE-----\n")
    (problem,) = certificate.problems(cert, key, "127.0.0.1")
    assert str(key) in problem
    if damage != "certificate":
        certificate.ensure(cert, key, "127.0.0.1")
        assert list(certificate.problems(cert, key, "127.0.0.1")) == []


def test_a_certificate_of_somebody_else_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = _paths(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(certificate, "_MAKER", "An authority")
        certificate.ensure(cert, key, "127.0.0.1")
    before = cert.read_bytes()
    assert not certificate.ensure(cert, key, "127.0.0.1")
    with pytest.raises(CertificateProblem, match="expires soon"):
        certificate.ensure(cert, key, "127.0.0.1", _in(336))
    assert cert.read_bytes() == before

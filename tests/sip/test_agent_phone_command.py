"""`kring agent phone`, stopped from outside: whoever it worked for is signed out, its account revoked."""

import signal
import subprocess
import time

import pytest

from service.floor_client import FloorClient, Row
from service.settings import CHECKOUT
from tests.sip.installation import KRING, Installation

pytestmark = [pytest.mark.sip, pytest.mark.asterisk]

AGENT = "80000031"  # a made-up staff number
TABLES = {
    "agents": f"agent,on_air_name,team,languages\n{AGENT},Melati,satu,id\n",
    "competences": f"agent,skill,tier,level,expires\n{AGENT},complaints,C,3,\n",
}
WITHIN = 60.0


def _view(client: FloorClient) -> Row:
    return next(row for row in client.rows("agents") if row["agent"] == AGENT)


def _until(client: FloorClient, declared: str) -> None:
    deadline = time.monotonic() + WITHIN
    while _view(client)["declared"] != declared:
        assert time.monotonic() < deadline, _view(client)
        time.sleep(0.1)


def test_a_phone_that_is_told_to_end_signs_out_and_leaves_no_account(installation: Installation) -> None:
    installation.staff(TABLES, AGENT)
    client = FloorClient(installation.settings)
    phone = subprocess.Popen(
        [*KRING, "agent", "phone", "--agent", AGENT],
        cwd=CHECKOUT,
        env=installation.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _until(client, "ready")
        phone.send_signal(signal.SIGTERM)
        said, _ = phone.communicate(timeout=WITHIN)
    finally:
        phone.kill()
    assert phone.returncode == 128 + signal.SIGTERM
    assert said.splitlines()[-1].endswith("signed out; the account is revoked")
    assert _view(client)["declared"] == "signed_out"
    assert [row["revoked_at"] is None for row in client.rows("accounts") if row["agent"] == AGENT] == [False]

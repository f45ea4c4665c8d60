"""Every configuration file is loaded by a real Asterisk, and does what it says."""

import dataclasses
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf import ari_probe, program, render
from asterisk_conf.settings import NUMBERS, AsteriskSettings
from tests.conftest import NewAsterisk
from tests.real_asterisk import RealAsterisk

pytestmark = pytest.mark.asterisk


async def test_asterisk_loads_and_reloads_every_file_without_a_warning(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk()
    assert asterisk.embedded.problems() == []
    await asterisk.embedded.reload()
    assert asterisk.embedded.problems() == []
    dialplan = await asterisk.embedded.console("dialplan show from-trunk")
    assert set(re.findall(r"^  '(\S+)' =>", dialplan, re.MULTILINE)) == set(NUMBERS)


async def test_a_wrong_file_shows_among_the_problems(new_asterisk: NewAsterisk) -> None:
    asterisk = await new_asterisk()
    (asterisk.settings.folder / "etc" / "pjsip.conf").write_text("[trunk]\ntype = endpoint\nno_such = 1\n")
    await asterisk.embedded.console("module reload res_pjsip.so")
    assert any("no_such" in line for line in asterisk.embedded.problems())


def test_secrets_are_in_no_file_that_others_may_read(asterisk: RealAsterisk) -> None:
    folder = asterisk.settings.folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list((folder / "etc").glob("*"))
    assert len(files) >= 15
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"ari_password": "with;semicolon"}, "ari_password"),
        ({"ami_password": "short"}, "ami_password"),
        ({"home": Path("/srv/line\nend")}, "home"),
        ({"home": Path("/srv/" + "long" * 20)}, "control socket"),
    ],
)
def test_what_asterisk_would_misread_is_refused(changes: dict[str, Any], complaint: str) -> None:
    settings = dataclasses.replace(
        AsteriskSettings(Path("/srv/home"), "a-long-password", "a-long-password"), **changes
    )
    with pytest.raises(render.UnusableSettings, match=complaint):
        render.render(settings, Path("/usr/lib/asterisk/modules"))


async def test_it_answers_on_ari(asterisk: RealAsterisk) -> None:
    assert await ari_probe.answers(asterisk.settings)
    status = await asterisk.embedded.status()
    assert (status.ready, status.same_configuration) == (True, True)


async def test_no_module_is_loaded_that_is_not_listed(asterisk: RealAsterisk) -> None:
    listed = set(re.findall(r"^load = (\S+)", (render.TEMPLATES / "modules.conf").read_text(), re.MULTILINE))
    shown = await asterisk.embedded.console("module show")
    loaded = set(re.findall(r"^(\S+\.so)\s.*\bRunning\b", shown, re.MULTILINE))
    assert loaded == listed


def test_the_asterisk_is_new_enough(asterisk: RealAsterisk) -> None:
    assert program.version_numbers(asterisk.embedded.program.version) >= program.LEAST_VERSION

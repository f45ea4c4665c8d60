"""Every configuration file is loaded by a real Asterisk, and does what it says."""

import re

import pytest

from asterisk_conf import ari_probe, program, render
from tests.real_asterisk import RealAsterisk

pytestmark = pytest.mark.asterisk


async def test_asterisk_loads_every_file_without_a_warning(asterisk: RealAsterisk) -> None:
    assert asterisk.embedded.problems() == []


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

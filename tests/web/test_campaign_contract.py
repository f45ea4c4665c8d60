"""Every operation of lists and campaigns keeps to its own description, over the real records."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.staff import StaffRole
from tests.web.api_contract import Contract, RoleSessions, described
from tests.web.campaign_day import LEFT_OUT, campaign_day
from tests.web.campaign_doubles import AN_EFFECT, a_look
from tests.web.campaign_world import CLOCK, CampaignWorld, campaign_world
from tests.web.list_stage import Watch
from tests.web.page_parts import visitor
from tests.web.permission_matrix import matrix


@contextmanager
def _opened(runner: asyncio.Runner, migrated: Path, folder: Path) -> Iterator[CampaignWorld]:
    opening = campaign_world(migrated, folder)
    world = runner.run(opening.__aenter__())
    try:
        world.live.look_now, world.effect.effect = a_look(Watch(CLOCK.now())), AN_EFFECT
        yield world
    finally:
        for door in world.doors:
            door.close()
        runner.run(opening.__aexit__(None, None, None))


def _contract(runner: asyncio.Runner, world: CampaignWorld) -> Contract:
    people = {role.value: visitor(role) for role in StaffRole}
    for number, one in enumerate(people.values()):
        object.__setattr__(one.staff, "staff_id", f"{number:x}" * 32)
    guard = world.parts.shared.guard
    guard.sessions = RoleSessions(people)
    return Contract(world.parts.app, guard, people, runner, described(world.parts.app), 2)


def test_every_operation_keeps_to_its_description(migrated_staff: Path, tmp_path: Path) -> None:
    with asyncio.Runner() as runner, _opened(runner, migrated_staff, tmp_path) as world:
        contract = _contract(runner, world)
        campaign_day(contract, world.imports, CLOCK)
        spoilt = contract.spoil()
        for operation in contract.operations.values():
            if not operation.label.endswith("/events"):
                contract.try_out(operation)
    assert not contract.wrong, "\n".join(contract.wrong)
    assert contract.operations.keys() - contract.granted == LEFT_OUT.keys()
    assert spoilt > 0


async def test_every_route_every_role(migrated_staff: Path, tmp_path: Path) -> None:
    async with campaign_world(migrated_staff, tmp_path) as world:
        world.live.look_now = a_look(Watch(CLOCK.now()))
        guard = world.parts.shared.guard
        outcome = await matrix(world.parts.app, guard)
        for door in world.doors:
            door.close()
    assert outcome.wrong == []
    assert outcome.unproven == []
    assert outcome.allowed > 0

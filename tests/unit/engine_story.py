"""A story of a running engine, told on a virtual clock."""

from collections.abc import Awaitable, Callable

from tests.unit.engine_world import World
from tests.unit.virtual_time import run

Story = Callable[[World], Awaitable[None]]
ONE_SECOND = 1.0


def told(story: Story, *campaigns: object, **changes: object) -> None:
    """Tell a story of a running engine."""

    async def whole() -> None:
        async with World(*campaigns, **changes) as world:  # type: ignore[arg-type]
            await story(world)
            assert world.counts.failures == 0

    run(whole())

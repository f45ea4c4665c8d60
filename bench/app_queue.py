"""`app_queue`: one recorded day through Asterisk's own queues and through this service.

A filing day scaled 1:60 is drawn once and replayed to both: the same arrivals, patience, handle times,
agents, skills, tiers and SIP phones, in the same Asterisk. There is no wrap-up time in either arm,
for app_queue counts it in whole seconds.
"""

import asyncio
from collections.abc import Sequence

from bench import app_queue_conf, processes
from bench.dialplan import APP_QUEUE
from bench.figures import Figure, Report, at_most, ratio_at_least, ratio_at_most, within
from bench.phone import play
from bench.processes import Installation
from bench.swarm_columns import PROMPT, Columns, columns
from bench.swarm_day import Day, draw
from bench.swarm_floor import FloorDoor
from bench.swarm_hall import LISTENS, begin_work, end_work, hall, until_reachable
from bench.swarm_people import live
from bench.swarm_sip import Credentials

AGENTS = 20
LOAD = 0.8  # share of the agents that the day's calls would keep busy if nobody gave up
INVITE_P50_MS, INVITE_P99_MS = 5.0, 30.0
SAME_RINGS = 0.5  # seconds by which the rings of both arms may open apart: app_queue looks once a second


def run(report: Report) -> None:
    """Measure and print."""
    day = draw(60.0 if report.short else 480.0, AGENTS, LOAD)
    with processes.running("queues") as product:
        report.machine(product.program.version)
        door = FloorDoor(product)
        door.adopt(day, wrap_up=0)
        who = door.accounts(colleague.number for colleague in day.staff)
        app_queue_conf.install(product, day, {place: each.user for place, each in enumerate(who)})
        report.progress(f"{len(day.visits)} calls through app_queue")
        theirs = play(replay(product, day, who, APP_QUEUE, listens=0.0))
        product.until_empty()
        report.progress(f"{len(day.visits)} calls through this service")
        ours = play(replay(product, day, who, processes.NUMBER, door))
        product.until_empty()
        compare(report, ours, theirs)


async def replay(
    product: Installation,
    day: Day,
    who: Sequence[Credentials],
    number: str,
    door: FloorDoor | None = None,
    listens: float = LISTENS,
) -> Columns:
    """Let a day pass, its calls made to `number`; return its columns. With a door the agents sign in.

    Callers press their key after `listens` seconds: our arm records every talk and says so first.
    """
    async with hall(day, who, number, listens) as people:
        if door is None:
            await until_reachable(product, people.phones)
        else:
            await begin_work(door, people.phones)
        await live(day, people.callers)
        await asyncio.sleep(1)
        found = columns(day, people.callers.contacts, people.phones)
        if door is not None:
            await end_work(door, people.phones)
    return found


def compare(report: Report, ours: Columns, theirs: Columns) -> None:
    """Print both arms' columns: each must be better than, or equal to, the peer's."""
    report.add(same_rings(ours, theirs))
    both = f"of {ours.calls} and {theirs.calls} calls"
    for name, share, bound in (("p50", 0.5, INVITE_P50_MS), ("p99", 0.99, INVITE_P99_MS)):
        mine, peer = ours.offered_after(share), theirs.offered_after(share)
        note = f"of {len(ours.free_to_invite)} and {len(theirs.free_to_invite)} offers to just freed agents"
        figure = f"app_queue_free_to_invite_{name}"
        report.add(Figure(figure, mine, peer, mine / peer, f"ours <= {bound:g}", mine <= bound, "ms", note))
    report.add(
        ratio_at_least(
            "app_queue_service_level", 100 * ours.service_level, 100 * theirs.service_level, 1, "%",
            f"answered within {PROMPT:g} s, {both}",
        )
    )  # fmt: skip
    for name in ("mean", "p95", "worst"):
        mine, peer = getattr(ours, f"{name}_wait"), getattr(theirs, f"{name}_wait")
        report.add(ratio_at_most(f"app_queue_{name}_wait", mine, peer, 1, "s", "who gave up included"))
    report.add(ratio_at_least("app_queue_occupancy", 100 * ours.occupancy, 100 * theirs.occupancy, 1, "%"))
    shares = f"{100 * ours.right_of_served:.1f} and {100 * theirs.right_of_served:.1f} %"
    served = f"of all calls; of the {ours.served} and {theirs.served} served {shares}"
    report.add(
        ratio_at_least("app_queue_right_tier", 100 * ours.right_tier, 100 * theirs.right_tier, 1, "%", served)
    )
    gone, peer_gone = ours.impatient + ours.lost, theirs.impatient + theirs.lost
    note = f"gave up {ours.impatient} and {theirs.impatient}, {both}"
    report.add(within("app_queue_callers_lost", gone, peer_gone, 0, "calls", note))
    faults = ours.lost + ours.one_way + ours.busy_offers
    note = (
        f"ended otherwise {ours.lost}, one way {ours.one_way}, rung while busy {ours.busy_offers}; "
        f"the peer's: {theirs.lost}, {theirs.one_way}, {theirs.busy_offers}"
    )
    report.add(at_most("app_queue_faults", faults, 0, "calls", note))


def same_rings(ours: Columns, theirs: Columns) -> Figure:
    """Return whether wider rings opened at the same time in both arms; else the columns compare nothing."""
    late, peer = ours.rings_late, theirs.rings_late
    note = "from a wider ring's time to the INVITE of whom it admits, median"
    holds = abs(late - peer) <= SAME_RINGS
    bound = f"|ours - peer| <= {SAME_RINGS:g}"
    return Figure("app_queue_rings_late", late, peer, None, bound, holds, "s", note)

"""What the areas of the web application share."""

from dataclasses import dataclass

from desk.access import Assignments
from desk.standing import Standings
from domain.audit import AuditTrail
from domain.clock import Clock
from web.floor_port import FloorPort
from web.guard import Guard
from web.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Shared:
    """Given to every `add_…_routes`, beside the ports of its own area."""

    guard: Guard
    render: Renderer
    clock: Clock
    audit: AuditTrail
    floor: FloorPort
    assignments: Assignments
    standings: Standings

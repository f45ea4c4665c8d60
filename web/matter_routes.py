"""Cases, complaints, promises and requests for updates: every route of theirs."""

from web.matter_board_routes import add_board_routes
from web.matter_call_routes import add_call_routes
from web.matter_port import MatterDoor, MatterPort
from web.matter_promise_routes import add_promise_routes
from web.matter_proof_routes import add_code_proof_routes
from web.matter_referral_routes import add_referral_routes
from web.matter_refusals import add_refusals
from web.matter_unit_routes import add_unit_routes
from web.matter_work_routes import add_work_routes
from web.parts import Shared

__all__ = ["MatterPort", "add_matter_routes"]


def add_matter_routes(shared: Shared, port: MatterPort) -> None:
    """Add the routes."""
    door = MatterDoor(shared, port)
    add_refusals(shared)
    add_call_routes(door)
    add_work_routes(door)
    add_promise_routes(door)
    add_referral_routes(door)
    add_unit_routes(door)
    add_code_proof_routes(door)
    add_board_routes(door)

"""Everything about finding recordings, sampling them, the work list, and what stands beside one."""

from web.parts import Shared
from web.review_context_routes import add_context_routes
from web.review_desk import ReviewDesk
from web.review_find_routes import add_find_routes
from web.review_plan_routes import add_plan_routes
from web.review_port import ReviewPort
from web.review_task_routes import add_task_routes


def add_review_routes(shared: Shared, port: ReviewPort) -> None:
    """Add `/rekaman`, `/rekaman/{recording_id}/konteks`, `/rencana-sampel` and `/tugas-nilai`."""
    desk = ReviewDesk(shared, port)
    add_find_routes(desk)
    add_context_routes(desk)
    add_plan_routes(desk)
    add_task_routes(desk)

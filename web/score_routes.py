"""Scores: given beside a recording, read and signed, counted; and the forms under which they are given."""

from web.parts import Shared
from web.score_desk import ScoreDesk
from web.score_form_routes import add_form_routes
from web.score_list_routes import add_list_routes
from web.score_piece_routes import add_piece_routes
from web.score_port import ScorePort

__all__ = ["ScorePort", "add_score_routes"]


def add_score_routes(shared: Shared, port: ScorePort) -> None:
    """Add everything about scores."""
    desk = ScoreDesk(shared, port)
    add_piece_routes(desk)
    add_list_routes(desk)
    add_form_routes(desk)

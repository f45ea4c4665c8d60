"""Listening: links, playbacks, comments.

Revision ID: 0016
"""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""

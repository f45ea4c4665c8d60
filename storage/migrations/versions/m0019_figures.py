"""Figures: facts of calls and legs, their roll-ups by day, counts of other channels.

Revision ID: 0019
"""

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""

"""Schedules: shifts with their activities, exceptions, requests to be offline.

Revision ID: 0020
"""

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""

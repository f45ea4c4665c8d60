"""The wallboard: thresholds, messages to agents, announcements that are on.

Revision ID: 0025
"""

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""

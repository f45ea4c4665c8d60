"""Reports: saved, scheduled, and the runs of each.

Revision ID: 0022
"""

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""

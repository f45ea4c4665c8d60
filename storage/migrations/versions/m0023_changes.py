"""Changes of what administrators set: who, before, after, undone.

Revision ID: 0023
"""

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""

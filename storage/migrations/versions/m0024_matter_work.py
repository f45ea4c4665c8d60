"""Work on complaints and cases: reminders, dispositions between units, assignments.

Revision ID: 0024
"""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""

"""Finding recordings: facts, saved searches, sampling plans, work lists.

Revision ID: 0015
"""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""

"""Staff, sign-ins, sessions and the trail of acts.

Revision ID: 0003
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""

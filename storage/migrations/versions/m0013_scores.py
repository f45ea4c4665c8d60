"""Scores, drafts, forms.

Revision ID: 0013
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""

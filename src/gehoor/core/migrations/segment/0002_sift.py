"""Search merges a little with each page."""

from alembic import op

revision = "0002"
down_revision = "0001"

_MERGE = "INSERT INTO search(search, rank) VALUES ('crisismerge', 256)"


def upgrade() -> None:
    """Bring a segment from revision 0001 to 0002."""
    op.execute(_MERGE)

"""Tables of `ledger.sqlite` about the team: who they are, who is logged in, which programs may ask, who tried in vain.

Written by the owner (`run.team`); read through `core.team`. No password and no token stands here, only what checks it.
"""

import sqlalchemy as sa

from gehoor.core.tables.ledger import metadata

__all__ = ["api_token", "member", "metadata", "session", "throttle"]

member = sa.Table(
    "member",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("mail", sa.Text(), nullable=False, unique=True),
    sa.Column("roles", sa.Text(), nullable=False),
    sa.Column("team", sa.Text()),
    sa.Column("languages", sa.Text(), nullable=False),
    sa.Column("skills", sa.Text(), nullable=False),
    sa.Column("capacity", sa.Integer(), nullable=False),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("is_active", sa.Boolean(), nullable=False),
    sa.Column("password", sa.Text()),
    sa.Column("totp", sa.LargeBinary()),
    sa.Column("totp_step", sa.BigInteger(), nullable=False),
    sa.Column("recovery", sa.Text(), nullable=False),
    sa.Column("link", sa.LargeBinary()),
    sa.Column("link_until", sa.BigInteger(), nullable=False),
    sa.Column("session_epoch", sa.Integer(), nullable=False),
    comment="people of the team. `roles languages skills` are '|a|b|'; `password` argon2id, `totp` sealed, `recovery` "
    "digests of codes '|a|b|', `link` that of a one-time link; sessions of an older `session_epoch` are over",
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", sa.LargeBinary(), primary_key=True),
    sa.Column("member", sa.Text(), nullable=False),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("seen", sa.BigInteger(), nullable=False),
    sa.Column("epoch", sa.Integer(), nullable=False),
    sqlite_with_rowid=False,
    comment="who is logged in: the digest of the token in their cookie; `seen` is noted every few minutes only",
)
sa.Index("session_member", session.c.member)

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("digest", sa.LargeBinary(), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("member", sa.Text(), nullable=False),
    sa.Column("rights", sa.Text(), nullable=False),
    sa.Column("since", sa.BigInteger(), nullable=False),
    sa.Column("used", sa.BigInteger(), nullable=False),
    sa.Column("until", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="tokens of programs: each acts for a member, with `rights` ('|a|b|') that are theirs too; 0: never used",
)
sa.Index("api_token_member", api_token.c.member)

throttle = sa.Table(
    "throttle",
    metadata,
    sa.Column("key", sa.LargeBinary(), primary_key=True),
    sa.Column("n", sa.Float(), nullable=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sqlite_with_rowid=False,
    comment="vain attempts to log in: by a digest of where they came from; `n` drains away as time passes",
)

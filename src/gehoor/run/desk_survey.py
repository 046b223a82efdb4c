"""Asks people whether they were helped, once their conversation is resolved; and takes in what they say of it."""

import hashlib
import secrets
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import DAY_US, SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.outbox import emit
from gehoor.core.settings import Settings, load
from gehoor.core.tables.desk import desk_survey
from gehoor.run.desk_acting import Acting, Ask
from gehoor.run.desk_reply import addressed
from gehoor.run.workplace import Workplace

__all__ = ["CUSTOMER", "KEPT_US", "SCORES", "Surveys", "digest_of", "said_of_help"]

SCORES = range(1, 6)
CUSTOMER = "customer"
"""As whom the log names who answers: it holds nothing of customers."""

KEPT_US = 60 * DAY_US
"""So long a link opens; within it they may change their mind."""

_AFTER_US = 900 * SECOND_US  # resolved by mistake is opened again before anybody is asked
_LATEST_US, _AGAIN_US, _EVERY_US = DAY_US, 30 * DAY_US, 60 * SECOND_US
_AT_ONCE, _WORDS = 50, 1_000
_TEXT = {
    "nl": (
        "Ben je goed geholpen? Zeg het met één cijfer, van 1 (helemaal niet) tot 5 (helemaal):",
        "Eén vraag, meer niet.",
    ),
    "en": ("Did we help you well? Say it with one number, from 1 (not at all) to 5 (fully):", "One question, no more."),
}
_DUE = sa.text(
    "SELECT c.id, c.language, (SELECT p.seq FROM conversation_post p WHERE p.conversation = c.id AND p.was = '' AND "
    "p.direction = 'in' AND p.is_direct AND p.channel IN (SELECT value FROM json_each(:channels)) "
    "ORDER BY p.at DESC LIMIT 1) AS to_seq FROM desk_conversation d JOIN conversation c ON c.id = d.conversation "
    "WHERE d.status = 'resolved' AND d.status_at BETWEEN :since AND :until AND c.last_in_seq <= c.closed_seq "
    "AND c.n_out > 0 AND NOT c.is_backfill AND NOT EXISTS (SELECT 1 FROM desk_survey s JOIN conversation o "
    "ON o.id = s.conversation WHERE s.asked_at > :again AND (o.id = c.id OR o.actor_key = c.actor_key)) "
    "ORDER BY d.status_at DESC LIMIT :most"
)


def digest_of(token: str) -> bytes:
    """Return what is kept of a link: nobody who reads the file can answer for somebody else."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class Surveys:
    """Asks, at most once a person in thirty days, and only where a link can be sent to them alone.

    Parameters
    ----------
    owner : Workplace
        Whose conversations and settings count; nothing is asked unless `[desk] surveys` names channels.
    """

    def __init__(self, owner: Workplace) -> None:
        self._owner, self._next = owner, 0

    async def round(self) -> int:
        """Ask who is to be asked now; return how many. Cost: nothing between two minutes."""
        now = self._owner.clock.now()
        if now < self._next:
            return 0
        self._next = now + _EVERY_US
        settings = load(self._owner.root)
        if not settings.desk.surveys or not settings.web.public_url:
            return 0
        return int(await self._owner.on_writer(lambda: _ask_all(self._owner, settings)))


def _ask_all(owner: Workplace, settings: Settings) -> int:
    now = owner.clock.now()
    values = {
        "channels": msgspec.json.encode(settings.desk.surveys).decode(), "since": now - _LATEST_US,
        "until": now - _AFTER_US, "again": now - _AGAIN_US, "most": _AT_ONCE,
    }  # fmt: skip
    with owner.projector.engine.begin() as tx:
        due = tx.execute(_DUE.bindparams(**values)).all()
    n = 0
    for row in due:
        with owner.projector.engine.begin() as tx:  # each by itself: two conversations may be of one person
            still = {one.id for one in tx.execute(_DUE.bindparams(**values))}
            if row.id in still and row.to_seq is not None:
                n += _ask_one(owner, tx, row, settings)
    return n


def _ask_one(owner: Workplace, tx: sa.Connection, row: Any, settings: Settings) -> int:
    """Ask one person; nothing where no answer can go to them alone."""
    token = secrets.token_urlsafe(16)
    language = row.language if row.language in _TEXT else settings.workspace.interface
    link = f"{(settings.web.public_url or '').rstrip('/')}/s/{token}"
    for text in _texts(link, language):
        ask = Ask(said_by="gehoor", conversation=row.id, to_seq=row.to_seq, text=text, language=language)
        acting = Acting(owner, tx, ask)
        try:
            reply, replier = addressed(acting, row.id)
        except SettingError:  # too long for the channel, or nothing of ours answers there
            continue
        if reply.visibility != "direct":
            return 0
        values = {"conversation": row.id, "token": digest_of(token), "asked_at": acting.now}
        key = tx.execute(sa.insert(desk_survey).values(**values)).inserted_primary_key
        emit(tx, f"survey/{key[0] if key else 0}", replier, msgspec.json.encode(reply), acting.now)
        acting.note(row.id, "survey_asked", {})
        return 1
    return 0


def _texts(link: str, language: str) -> tuple[str, str]:
    """Return what is asked: with five links, and with one where not so much fits."""
    question, only = _TEXT[language]
    five = "\n".join(f"{score}: {link}?score={score}" for score in SCORES)
    return f"{question}\n\n{five}\n\n{only}", f"{question} {link} {only}"


def said_of_help(owner: Workplace, token: str, score: int, words: str) -> bool:
    """Take in what somebody says of the help they got, in place of what they said before; False: no such link.

    Raises
    ------
    SettingError
        The score is none of 1 to 5.
    """
    if score not in SCORES:
        raise SettingError("A score is a number from 1 to 5.")
    now, table = owner.clock.now(), desk_survey
    with owner.projector.engine.begin() as tx:
        found = sa.select(table.c.id, table.c.conversation).where(
            table.c.token == digest_of(token), table.c.asked_at > now - KEPT_US
        )
        row = tx.execute(found).first()
        if row is None:
            return False
        values = {"answered_at": now, "score": score, "words": words.strip()[:_WORDS] or None}
        tx.execute(sa.update(table).where(table.c.id == row.id).values(**values))
        Acting(owner, tx, Ask(said_by=CUSTOMER)).note(row.conversation, "survey", {"to": str(score)})
    return True

"""What people say a conversation is about, said of the message that tells it: heads learn from it as from any post."""

from contextlib import suppress

from gehoor.core.errors import SettingError
from gehoor.core.example import examples_of
from gehoor.run.correcting import correct, take_back
from gehoor.run.workplace import Workplace

__all__ = ["teach_need"]

_TELLS = (
    "SELECT p.seq FROM conversation_post p JOIN conversation_post named ON named.conversation = p.conversation "
    "WHERE named.seq = ? AND p.direction = 'in' AND p.was = '' ORDER BY p.need IS NULL, p.at DESC, p.seq DESC LIMIT 1"
)
"""The message that says what a conversation is about: the last one of which a need was judged, else the last one."""


def teach_need(place: Workplace, conversation: int, need: str) -> None:
    """Keep an example of what a conversation is about; where a head had said so itself, none stays. On the writer.

    Nothing happens where no message of it is in the ledger any more.
    """
    with place.projector.engine.begin() as tx:
        seq = tx.exec_driver_sql(_TELLS, (conversation,)).scalar()
        known = None if seq is None else examples_of(tx, seq).get("need")
    if seq is None:
        return
    with suppress(SettingError):  # it is older than the ledger, or was deleted since
        if known is not None and need in ("", known.before or "", "none" if known.before is None else ""):
            take_back(place, seq, {"need": known.before or ""})
        elif need:
            correct(place, seq, {"need": need})

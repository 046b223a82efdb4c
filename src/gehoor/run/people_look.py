"""Notes who looked for whom, and at which list of people: in the audit log, before anything is shown."""

import hashlib
import unicodedata
from typing import Any

import msgspec
import sqlalchemy as sa

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError
from gehoor.core.own_secret import own_secret
from gehoor.core.tables.person import audit
from gehoor.know.audit import LOOKED_FOR, SAW, note_look
from gehoor.run.workplace import Workplace

__all__ = ["digest_of_words", "note_people_look"]

_ONCE_US = 600 * SECOND_US


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    words: str = ""
    shown: str = ""
    said_by: str = "you"


def note_people_look(owner: Workplace, arguments: dict[str, Any]) -> bool:
    """Note a search (`words`) or a list (`shown`) that somebody is about to see; once in ten minutes for the same.

    What was looked for is a name, a mail address or a number: the log only grows and outlives who is forgotten, so it
    keeps no words, only their digest. Whether somebody looked for given words can still be told; which words never.

    Returns
    -------
    bool
        Whether a line was added.

    Raises
    ------
    SettingError
        There is no such list.
    """
    look = msgspec.convert(arguments, _Look)
    act, about = f"saw_{look.shown}", 0
    if look.words:
        act, about = LOOKED_FOR, digest_of_words(own_secret(owner.root), look.words)
    elif act not in SAW:
        raise SettingError(f"There is no list {look.shown[:40]!r}.")
    now, log = owner.clock.now(), audit.c
    same = (log.said_by == look.said_by, log.act == act, log.person == about, log.at > now - _ONCE_US)
    with owner.projector.engine.begin() as tx:
        if tx.execute(sa.select(log.id).where(*same).limit(1)).first() is not None:
            return False
        note_look(tx, act, about, at=now, said_by=look.said_by)
    return True


def digest_of_words(secret: bytes, words: str) -> int:
    """Return what stands in the log for words that somebody looked for: keyed, so outside nobody can try names.

    Examples
    --------
    >>> digest_of_words(b"of one workspace", "Saar ") == digest_of_words(b"of one workspace", "saar")
    True
    >>> digest_of_words(b"of one workspace", "saar") == digest_of_words(b"of another one", "saar")
    False
    """
    plain = " ".join(unicodedata.normalize("NFKC", words).casefold().split()).encode("utf-8", "surrogatepass")
    made = hashlib.blake2b(plain, digest_size=8, key=hashlib.blake2b(secret).digest(), person=b"search")
    return int.from_bytes(made.digest(), "little", signed=True)

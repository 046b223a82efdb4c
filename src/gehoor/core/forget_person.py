"""Forgets a person by law: every account of theirs, and what was kept aside under any identifier of theirs."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from gehoor.core.errors import SettingError
from gehoor.core.forget import Forgotten, forget
from gehoor.core.forget_references import replace_references
from gehoor.core.named import mentions_of, reject_places
from gehoor.core.projector import Projector
from gehoor.core.record import digest
from gehoor.core.sqlite import truncate_wal

__all__ = ["forget_person"]


def forget_person(
    root: Path, projector: Projector, accounts: Iterable[tuple[str, str]], identifiers: Iterable[str], now: int
) -> list[Forgotten]:
    """Erase all that the accounts of a person said or did; return what was erased, by account that was heard.

    Parameters
    ----------
    accounts : iterable of (str, str)
        Channel and stable id.
    identifiers : iterable of str
        What else names them for certain (mail, phone, customer number): rejects that hold one are erased, references
        of others that do are replaced, and posts of others that do are listed.

    Raises
    ------
    SettingError
        None of the accounts was ever heard.
    StoreError
        A file is in use; call again.
    """
    wanted, names = sorted(set(accounts)), sorted({name for name in identifiers if name})
    done: list[Forgotten] = []
    n_rejects = _erase_rejects(projector, names)
    n_references = replace_references(root, projector, {}, names, {digest(*account) for account in wanted}).n
    for channel, actor in wanted:
        try:
            done.append(forget(root, projector, channel, actor, now))
        except SettingError:  # somebody called it theirs, and nothing was heard from there
            continue
    if not done:
        raise SettingError("None of these accounts was ever heard: there is nothing to forget.")
    first = done[0]
    seen = {seq for one in done for seq, _ in one.mentions}
    also = mentions_of(root, projector.ledger.segments, names, digest(*wanted[0])) if names else []
    more = [mention for mention in also if mention[0] not in seen]
    done[0] = msgspec.structs.replace(
        first, n_rejects=first.n_rejects + n_rejects, n_references=first.n_references + n_references,
        mentions=[*first.mentions, *more],
    )  # fmt: skip
    return done


def _erase_rejects(projector: Projector, names: list[str]) -> int:
    n = 0
    for segment, places in reject_places(projector.ledger.segments, names) if names else ():
        n += len(places)
        with segment.engine.begin() as tx:
            tx.exec_driver_sql("DELETE FROM reject WHERE source = ? AND position = ?", places)
        truncate_wal(segment.engine)
    return n

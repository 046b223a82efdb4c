"""What a person says of one post of a campaign counts for all of it: changes of the others, and the way back."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from gehoor.core.ledger import Ledger
from gehoor.core.ledger.delta import Change
from gehoor.core.ledger.index import campaign_hash
from gehoor.core.ledger.resolve import STANDS
from gehoor.core.record import kind_of

__all__ = ["judge_others", "judge_others_back"]

Spam = tuple[str | None, float | None]
"""A verdict: the reason, and its probability; a person's has none."""

_COLUMNS = "seq, state, type, direction, campaign, spam, spam_p"
_CHANGES = "SELECT target, before, after FROM change WHERE kind = 'annotate' AND seq > ? ORDER BY seq"


def judge_others(ledger: Ledger, seq: int, verdict: Spam, apart: Collection[int]) -> list[Change]:
    """Return the changes by which the other posts of a post's campaign get the verdict on it.

    Parameters
    ----------
    apart : collection of int
        Posts that a person judged on their own: they stay as they are.
    """
    return [_change(other, now, verdict) for other, now in _others(ledger, seq, apart).items() if now != verdict]


def judge_others_back(ledger: Ledger, seq: int, verdict: Spam, apart: Collection[int]) -> list[Change]:
    """Return the changes by which each of the others is judged as before; who came since is judged as the post is."""
    others = _others(ledger, seq, apart)
    before = _before(ledger, others)
    return [
        _change(other, now, before.get(other, verdict))
        for other, now in others.items()
        if now[1] is None and now != before.get(other, verdict)
    ]


def _others(ledger: Ledger, seq: int, apart: Collection[int]) -> dict[int, Spam]:
    """Return the standing posts of others in a post's campaign, and the verdict on each."""
    rows = ledger.segments.select(_COLUMNS, [seq])
    first = (rows[0][4] or seq) if rows else seq
    found = [*ledger.segments.select(_COLUMNS, [first]), *ledger.find_hashed([campaign_hash(first)], _COLUMNS)]
    return {
        other: (spam, p)
        for other, state, type_, direction, campaign, spam, p in found
        if (campaign or other) == first and state == STANDS and other != seq and other not in apart
        and kind_of(type_, direction) == "say"
    }  # fmt: skip


def _before(ledger: Ledger, seqs: Collection[int]) -> dict[int, Spam]:
    """Return the verdict on each post before its last change."""
    found: dict[int, Spam] = {}
    for target, before, after in _changes(ledger, min(seqs, default=0)) if seqs else ():
        if target in seqs and b'"spam"' in after:
            old: dict[str, Any] = msgspec.json.decode(before)
            found[target] = (old.get("spam"), old.get("spam_p"))
    return found


def _changes(ledger: Ledger, after: int) -> Iterable[tuple[int, bytes, bytes]]:
    for segment in ledger.segments.all:
        if segment.mark("last_seq") >= after:
            yield from segment.query(_CHANGES, (after,))


def _change(seq: int, before: Spam, after: Spam) -> Change:
    names = ("spam", "spam_p")
    return (seq, "annotate", dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True)))

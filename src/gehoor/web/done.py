"""What somebody just did, told on the next page with a way back: kept for some seconds in a cookie, nowhere else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

import msgspec
from litestar.datastructures import Cookie

__all__ = ["DONE_COOKIE", "Done", "What", "cookie_of", "done_of"]

DONE_COOKIE = "done"
_KEPT_S = 12

What = Literal[
    "corrected", "undone", "judged", "restarted", "brought_back", "offered", "retried", "configured", "removed",
    "seen", "unseen", "snoozed", "unsnoozed", "named", "missed", "unmissed", "measuring",
    "mirrored", "mirroring", "advised", "told", "untold", "sent_round", "sent_before", "told_several",
    "file_wrong", "paper_missing", "counted", "kept_segment", "dropped_segment",
    "counting_people", "apart", "same", "put_off", "unapart", "unsame", "objected", "unobjected", "forgotten",
    "noted", "put_back", "tested", "labelled", "refitting", "rolled_back", "team",
    "desk_taken", "desk_given", "desk_freed", "desk_resolved", "desk_opened", "desk_pending", "desk_snoozed",
    "desk_labelled", "desk_unlabelled", "desk_ranked", "desk_about", "desk_merged", "desk_split", "desk_talked",
    "desk_sent", "desk_asked", "desk_declined", "desk_back", "desk_left", "desk_settled", "desk_noted", "desk_several",
    "snippet_kept", "snippet_dropped",
    "desk_view_kept", "desk_view_dropped",
    "case_sent", "case_asked", "case_none", "case_back", "case_paused", "case_on", "case_left",
    "away", "refused",
]  # fmt: skip
"""The last two: it could not be done."""


class Done(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One deed, and what is needed to take it back.

    Attributes
    ----------
    what : str
        Which sentence tells it.
    name, value : str
        What it was about: the judgement and its new word, or a source; a setting, and the digest of the file after it.
    seq : int, optional
        The post whose judgement was corrected.
    alert : str, optional
        The alert that was judged.
    before : str, optional
        The value before; None: it cannot be taken back.
    undo_path, undo_form : str, dict
        Where a form below `/alerts/` or `/stories/` takes it back, and its fields; where `before` does not say it.
    """

    what: What
    name: str = ""
    value: str = ""
    seq: int | None = None
    alert: str | None = None
    before: str | None = None
    undo_path: str = ""
    undo_form: dict[str, str] = {}


def cookie_of(done: Done) -> Cookie:
    """Return the cookie that tells the next page."""
    value = (
        urlsafe_b64encode(msgspec.json.encode(done)).decode().rstrip("=")
    )  # a cookie with = is quoted, not by all alike
    return Cookie(key=DONE_COOKIE, value=value, max_age=_KEPT_S, samesite="strict", httponly=True)


def done_of(cookie: str | None) -> Done | None:
    """Return what a cookie tells; None when there is nothing, or nothing of ours.

    Examples
    --------
    >>> done_of(cookie_of(Done(what="corrected", name="intent", value="help", seq=7)).value).value
    'help'
    >>> done_of("rubbish") is None
    True
    """
    if not cookie:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)), type=Done)
    except (ValueError, msgspec.MsgspecError):
        return None

"""Five kinds of errors, by what the operator does about them."""

__all__ = ["ContractError", "GehoorError", "RejectedRecord", "SettingError", "StoreError", "TransientError"]


class GehoorError(Exception):
    """Root of every error that gehoor raises on purpose.

    A message says what is wrong, where, and what to do next.
    """


class SettingError(GehoorError):
    """Change a setting, an argument or an input file, and try again."""


class TransientError(GehoorError):
    """Nothing to do: we try again by ourselves.

    Parameters
    ----------
    message : str
        What happened and where.
    retry_after_s : float, optional
        Seconds to wait at least, when the other side said so.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RejectedRecord(GehoorError):  # noqa: N818  # what happens to it, not what went wrong
    """One item cannot be taken in: it is kept aside with this reason, the rest goes on.

    Parameters
    ----------
    reason : str
        One sentence in plain words, for the person who reads the rejects.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StoreError(GehoorError):
    """The store cannot be trusted or written (disk full, locked, wrong version): we stop before anything is lost."""


class ContractError(GehoorError):
    """A part broke its contract: a bug of ours or of the part's author."""

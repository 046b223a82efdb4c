"""A page on its way through the owner, and the reading that it belongs to."""

from concurrent.futures import Future
from dataclasses import dataclass, field

from gehoor.core.page import RawPage, Receipt

__all__ = ["Reading", "Ticket"]


@dataclass(slots=True)
class Reading:
    """One reading of a source, from a cursor on: it ends as a whole, since no page may be skipped.

    Attributes
    ----------
    trouble : Exception, optional
        Why it ended; pages that are still under way are not committed, and will be read again.
    n_items, n_bad : int
        For the breaker: how much came, and how much of it had to be kept aside.
    """

    source: str
    trouble: Exception | None = None
    n_items: int = 0
    n_bad: int = 0


@dataclass(slots=True)
class Ticket:
    """A raw page with the promise of its receipt."""

    page: RawPage
    reading: Reading | None
    read_ns: int
    n_lines: int
    receipt: "Future[Receipt]" = field(default_factory=Future)

    def __post_init__(self) -> None:
        self.receipt.set_running_or_notify_cancel()  # who no longer waits for it does not keep it from being committed

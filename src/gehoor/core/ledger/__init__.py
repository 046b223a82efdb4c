"""The ledger: the truth, one transaction a page, one sequence for what was heard and what became of it.

In: staged pages. Out: receipts, and the changes that projections take in. A segment is one day of arrival in one
SQLite file, with all that its pages wrote; so a page is one fsync, and retention unlinks a file. An edit, a deletion or
a correction is a change record in the same sequence; the row that it concerns is brought up to date right after the
commit (`settle`), and its words are overwritten once every projection has passed it (`erase`).
"""

from gehoor.core.ledger.delta import Commit, Delta
from gehoor.core.ledger.keyed import KeyedStage
from gehoor.core.ledger.ledger import Ledger

__all__ = ["Commit", "Delta", "KeyedStage", "Ledger"]

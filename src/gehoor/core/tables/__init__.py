"""The tables that more than one room reads.

`segment` is one day of the ledger: everything that a page's transaction writes, in one file. `ledger` is what is
derived or decided: offsets, roll-ups, words, outbox. Only `core` writes them.
"""

"""core: the record, the ledger, the history, projections, clock, settings, errors, registry. Small, and for ever.

In: staged pages. Out: receipts, committed rows, and everything that is read back from them. It imports no other room;
every other room may import it, and rooms meet only in the records and tables that are defined here.
"""

"""run: the only room that knows the order.

In: the settings of a workspace. Out: a running gehoor: sources and receivers, row stages in their processes, the
owner with ledger, near duplicates and projections, the web process; started together and stopped together.
"""

"""Stands before the real one: Arrow imports pandas wherever it finds it, and those who install gehoor have none."""

raise ImportError("gehoor does not ask for pandas")

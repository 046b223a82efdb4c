"""understand: says what each one wants.

In: a batch of normalised texts with their shared features (`core.text.TextBatch`). Out: columns, each judgement with
its probability. Every analyzer is a row stage: pure and deterministic, the same row gives the same columns in any
batch, order, process or machine. What it is not sure of is `und`, `other` or `neutral` with a low probability, and
`explain` names the words that decided.
"""

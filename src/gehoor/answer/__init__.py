"""Answer: who waits for us, who answers, by when, and with which words.

In: rows of the ledger (what people said to us or about us, what we said), and what the people of the team decided.
Out: conversations, each of one person and one matter, with its clocks, its priority and the reason for it, and who is
to answer; replies leave through the outbox. `conversations` is a projection: it derives from the ledger which posts
belong together, and a rebuild gives it again. What people decide (`core/tables/desk.py`) is truth and is never
rebuilt: a conversation's status is computed from both, so that a new message reopens what was resolved without
anybody writing it down. The rest is plain and pure: `calendar` and `sla` the clocks, `roster` who is on duty,
`priority` what comes first and why, `assign` who takes it, `forecast` how much comes tomorrow.
"""

"""Warn: from one voice to a crowd.

In: committed rows, in ledger order (`watch.Watch` is a projection). They are counted in buckets of ten seconds, by
brand and measure (posts, people, negative, each wish); every closed bucket is one vectorised step of a `Detector` over
all series at once. Out: alerts in the table `alert` (what, since when, how strong, who began, who carries it), and once
per burst a message in the outbox for each sender of `[alerts] to`. State, offset, alerts and messages commit together,
so that a crash neither loses nor doubles an alarm. Back-fill and spam are not counted.
"""

"""listen: hears what people say and do, on real channels.

In: a source's cursor (we pull) or somebody's request (they push). Out: raw pages, untouched, each with the cursor
to read on from. A decoder, which runs in a row-stage process, turns a raw page into activities and rejects. Nothing
here writes: a cursor moves only when the ledger commits it together with its page, so a page may come twice, and does
no harm.
"""

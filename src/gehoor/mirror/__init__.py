"""Mirror: how captivating and how binding an organisation is, what changed, and what moved it.

In: columns of whole numbers per person (who was active, who came back, who got an answer), counts per segment and
dimension, a number a day. Out: a reading with its interval (`base.Reading`), the components it is made of, a change
split into rate and mix, dimensions and segments ranked, days on which a level shifted, the lift of a moment. Pure:
arrays in, arrays out; nothing here reads a table, knows the time, draws by chance (the bootstrap draws by hash), or
shows anything: `run` and `web` do.
"""

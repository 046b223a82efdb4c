"""sift: separates the voice from the chatter; nothing vanishes uncounted.

In: normalised texts (`core.text.TextBatch`). Out: the digest and MinHash signature of each text (`signature`, a row
stage: pure), and for each post the earlier post that it nearly repeats (`duplicate`, a keyed stage: the owner's one
ordered step before the page transaction). Duplicates are marked, never dropped: a storm is made of them.
"""

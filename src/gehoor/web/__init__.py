"""web: pages that live, and the door for receivers.

In: the workspace's roll-ups and posts through `core.reader` (reads only). Out: pages in Dutch and English that fill
by themselves, and bodies that somebody pushed, handed to the owner (`run.control`) before they are answered. What
people wrote is hostile text here: it is escaped, isolated and never becomes markup.
"""

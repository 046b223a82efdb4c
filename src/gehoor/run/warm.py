"""What the processes of gehoor have in common, loaded once: imported by the one that all others are forked from.

So a start reads word lists, table and heads once instead of three times, and what is never written to stays shared.
"""

import gc
import signal

from gehoor.core.settings import Settings
from gehoor.run.processes import give_memory_back
from gehoor.run.stages import RowStages

__all__: list[str] = []

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: whoever is forked begins deaf to it
give_memory_back()
RowStages(Settings()).warm()
gc.collect()
gc.freeze()  # a collection would else touch every object, and so copy it into each process

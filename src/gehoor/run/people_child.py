"""The process in which customers are counted: at a low priority, since nothing waits for it."""

from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from gehoor.core.errors import GehoorError
from gehoor.core.person_value import PeopleFit

__all__ = ["FIT", "ROWS", "STEP", "STEPS", "count_in_child"]

STEPS = ("read", "choose", "fit", "attention")
"""Of which a count consists, in order."""

STEP, ROWS, FIT = b"s", b"r", b"f"
"""The first byte of each message: a step that begins; a part of the rows, as an Arrow stream; how it was counted."""

_PART = 20_000


def count_in_child(root: str, now: int, answer: Connection) -> None:
    """Count, and send steps, rows, and at the end how it was counted; the end of the pipe is the end."""
    from gehoor.run.people_fit import fit_people

    def say(step: str) -> None:
        answer.send_bytes(STEP + step.encode())

    try:
        rows, fit = fit_people(Path(root), now, say)
        for batch in rows.to_batches(max_chunksize=_PART):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as stream:
                stream.write_batch(batch)
            answer.send_bytes(ROWS + sink.getvalue().to_pybytes())
    except (GehoorError, OSError, ValueError, ArithmeticError, np.linalg.LinAlgError):
        fit = PeopleFit(at=now, notes=["failed"])
    answer.send_bytes(FIT + msgspec.msgpack.encode(fit))

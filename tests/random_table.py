"""A table of chance: as the shipped one in every form, and in nothing else."""

import numpy as np

from gehoor.understand.features import BUCKETS
from gehoor.understand.nibbles import Nibbles
from gehoor.understand.table import Table

__all__ = ["random_table"]


def random_table(seed: int = 0, dimensions: int = 8) -> Table:
    """Return a table with weights from a seed; the same each time."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(0.0, 30.0, (BUCKETS, dimensions))
    scale = generator.uniform(0.5, 1.5, dimensions).astype(np.float32)
    return Table(generator.integers(10, 200, BUCKETS, np.uint8), Nibbles.of(weights), scale)

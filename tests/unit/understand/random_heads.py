"""Heads of chance: as trained ones in every form, and in nothing else."""

from typing import Any

import numpy as np

from gehoor.understand.features import BUCKETS
from gehoor.understand.head import Head, Parts
from gehoor.understand.shapes import SHAPES

__all__ = ["random_head"]


def random_head(task: str = "mood", seed: int = 0, *, dimensions: int = 8, n_cues: int = 0, **facts: Any) -> Head:
    """Return a head of three classes with weights from a seed; with cues and shapes where `n_cues` is more than 0."""
    generator = np.random.default_rng(seed)
    facts = {"classes": ("good", "bad", "other"), **facts}
    c = len(facts["classes"])
    parts = Parts(
        bias=generator.normal(0, 0.3, c),
        grams=generator.normal(0, 4, (BUCKETS, c)) * (generator.random((BUCKETS, 1)) < 0.4),
        vector=generator.normal(0, 0.02, (dimensions, c)),
        cues=generator.normal(0, 0.1, (n_cues, c)) if n_cues else None,
        shapes=generator.normal(0, 1, (SHAPES, c)) if n_cues else None,
    )
    return Head.of(task, facts.pop("classes"), parts, **facts)

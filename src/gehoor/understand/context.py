"""Whether a post that a brand's query finds is meant: the company or the shell on a beach, as people said before."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gehoor.core.errors import SettingError
from gehoor.core.promoted import SHIPPED, current_version, model_folder
from gehoor.core.settings import Settings
from gehoor.core.text import TextBatch

if TYPE_CHECKING:
    from gehoor.understand.heads import Heads

__all__ = ["LEAST_P", "NO", "YES", "Context", "about_task"]

YES, NO = "yes", "no"
"""What people say of a post and a brand: it is about it, or not."""

LEAST_P = 0.7
"""So sure a head must be that a post is not about a brand: what is turned down may be dropped."""

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


class _Met(NamedTuple):
    """Which post names which brand, pair by pair."""

    post: I64
    brand: npt.NDArray[Any]


def about_task(brand: str) -> str:
    """Return the name under which a brand's head and examples are kept."""
    return f"about/{brand}"


class Context:
    """Takes brands off posts that match their query but are about something else.

    Each brand has a head of its own, fitted on what people said of its posts (`run.context`); a brand without a head
    is left alone, so without examples nothing changes. A broken model folder counts as none.

    Cost: nothing without heads; else 30 us for each post that names a brand with a head.

    Parameters
    ----------
    settings : Settings
        Brands, and where the workspace is.
    """

    name = "context"

    def __init__(self, settings: Settings) -> None:
        self._heads = _heads_of(settings.root, tuple(settings.brands))

    @property
    def brands(self) -> tuple[str, ...]:
        """The brands that have a head."""
        heads = self._heads.heads if self._heads is not None else ()
        return tuple(head.task.removeprefix(about_task("")) for head in heads)

    def turn_down(self, texts: TextBatch, known: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        """Return `brands` without what is not meant, and `turned_down`: which posts lost one."""
        turned_down = np.zeros(len(texts), np.bool_)
        if self._heads is None:
            return {"turned_down": pa.array(turned_down)}
        met = _met(known["brands"])
        is_off = np.zeros(len(met.post), np.bool_)
        for brand, p in self.doubt(texts, met.post[np.isin(met.brand, self.brands)]).items():
            of_brand = met.brand == brand
            is_off[of_brand] = p[met.post[of_brand]] >= LEAST_P
        turned_down[met.post[is_off]] = True
        left = _Met(met.post[~is_off], met.brand[~is_off])
        edges = np.searchsorted(left.post, np.arange(len(texts) + 1)).astype(np.int32)
        brands = pa.ListArray.from_arrays(pa.array(edges), pa.array(left.brand, pa.string()))
        return {"brands": brands, "turned_down": pa.array(turned_down)}

    def doubt(self, texts: TextBatch, posts: I64) -> dict[str, F64]:
        """Return by brand how probable it is that each text is not about it, shape (n,); 0 where it is none of `posts`.

        Only of brands that have a head.
        """
        asked = np.unique(posts)
        if self._heads is None or not len(asked):
            return {}
        judged = self._heads.judge(TextBatch.of(texts.raw.take(pa.array(asked))))
        found = {}
        for brand, head in zip(self.brands, self._heads.heads, strict=True):
            p = judged.p[head.task].astype(np.float64)
            found[brand] = np.zeros(len(texts))
            is_no = judged.label[head.task] == head.classes.index(NO)
            found[brand][asked] = np.where(is_no, p, 1.0 - p).round(4)
        return found


def _met(brands: pa.ListArray) -> _Met:
    post = pc.list_parent_indices(brands).to_numpy(zero_copy_only=False).astype(np.int64)
    return _Met(post, np.array(pc.list_flatten(brands).to_pylist(), dtype=object))


def _heads_of(root: Path, brands: tuple[str, ...]) -> "Heads | None":
    """Return the heads of those brands that have one."""
    folders = []
    for brand in brands:
        with suppress(SettingError):
            version = current_version(root, about_task(brand))
            if version != SHIPPED:
                folders.append(model_folder(root, about_task(brand), version))
    if not folders:
        return None
    # scipy and the table take a moment and some memory: only for who taught gehoor something
    from gehoor.understand.heads import Heads
    from gehoor.understand.model_folder import read_model
    from gehoor.understand.table import Table

    table, heads = Table.load(), []
    for folder in folders:
        with suppress(SettingError):
            model = read_model(folder)
            heads += [model.head] if model.table == table.digest else []
    return Heads(table, heads) if heads else None

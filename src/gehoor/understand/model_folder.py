"""The folder of one model: a trained head with what it is, from which data, and how well it does."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gehoor.core.errors import ContractError, SettingError
from gehoor.understand.array_folder import read_array_folder, write_array_folder
from gehoor.understand.features import BUCKETS
from gehoor.understand.head import Head
from gehoor.understand.hidden import Hidden
from gehoor.understand.table import Table

__all__ = ["FORMAT", "KIND", "TABLE_FOLDER", "About", "Model", "read_model", "table_of", "write_model"]

KIND, FORMAT = "model", 1
TABLE_FOLDER = "table"
"""Where a model carries the table that it was fitted on, when that is not the shipped one."""

_HIDDEN = ("inner", "slope", "start", "outer", "scale")
_PARTS = ("grams", "vector", "cues", "shapes")

Arrays = dict[str, npt.NDArray[Any]]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says for people: `data`, each with name, licence and number of rows; `figures` by name."""

    data: tuple[dict[str, Any], ...] = ()
    figures: dict[str, Any] = {}


class Model(msgspec.Struct, frozen=True):
    """A model as it was read."""

    head: Head
    about: About
    table: str
    """The digest of the table that it was fitted on."""


class _Manifest(msgspec.Struct, frozen=True, kw_only=True):
    task: str
    classes: tuple[str, ...]
    languages: tuple[str, ...] = ()
    unknown_label: str | None = None
    is_scoped: bool = False
    least_p: float = 0.0
    temperature: float = 1.0
    familiar: float = 0.0
    table: str
    gehoor: str = ""
    data: tuple[dict[str, Any], ...] = ()
    figures: dict[str, Any] = {}


_FACTS = ("task", "classes", "languages", "unknown_label", "is_scoped", "least_p", "temperature", "familiar")


def write_model(folder: Path, head: Head, table: Table, about: About) -> None:
    """Write a head into a folder: `manifest.json` and arrays of numbers.

    Hashed features are kept for the buckets that hold anything only.

    Raises
    ------
    SettingError
        The folder cannot be written.
    """
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        **{name: getattr(head, name) for name in _FACTS},
        "table": table.digest,
        "gehoor": version("gehoor"),
        "data": about.data,
        "figures": about.figures,
    }
    write_array_folder(folder, manifest, _arrays(head))


def read_model(folder: Path) -> Model:
    """Read a folder that `write_model` wrote; nothing in it can run.

    Raises
    ------
    SettingError
        Something is missing or broken, of another version, not what its SHA-256 says, or does not fit together.
    """
    raw, arrays = read_array_folder(folder, KIND, FORMAT)
    try:
        manifest = msgspec.convert(raw, _Manifest)
        facts = {name: getattr(manifest, name) for name in _FACTS}
        head = Head(**facts, **_parts(arrays))
    except (msgspec.ValidationError, ContractError, KeyError) as error:
        what = f"the array {error} is missing" if isinstance(error, KeyError) else str(error).rstrip(".")
        raise SettingError(f"{folder} does not fit together: {what}. Train the model anew.") from None
    return Model(head, About(data=manifest.data, figures=manifest.figures), manifest.table)


def table_of(folder: Path, model: Model, shipped: Table) -> Table:
    """Return the table that a model was fitted on: the shipped one, or the one in its folder.

    Raises
    ------
    SettingError
        It is neither.
    """
    if model.table == shipped.digest:
        return shipped
    own = folder / TABLE_FOLDER
    if own.is_dir():
        table = Table.load(own)
        if model.table == table.digest:
            return table
    raise SettingError(
        f"{folder} was trained with another table than the one that this gehoor has. "
        f"Train it anew: gehoor train LABELLED.csv --task {model.head.task} -o DIR"
    )


def _arrays(head: Head) -> Arrays:
    arrays: Arrays = {"bias": head.bias}
    for name in _PARTS:
        part = getattr(head, name)
        if part is not None:
            arrays[name] = part
            arrays[f"{name}_scale"] = getattr(head, f"{name.removesuffix('s')}_scale")
    if head.hidden is not None:
        arrays |= {f"hidden_{name}": getattr(head.hidden, name) for name in _HIDDEN}
    if head.favour is not None:
        arrays["favour"] = head.favour
    if head.grams is not None:
        used = head.grams.any(axis=1)
        if head.seen is not None:
            used |= head.seen
            arrays["is_seen"] = head.seen[used]
        arrays["grams"], arrays["bucket"] = head.grams[used], np.flatnonzero(used).astype(np.int32)
    return arrays


def _parts(arrays: Arrays) -> dict[str, Any]:
    """Return what `_arrays` took apart, as attributes of a head."""
    parts: dict[str, Any] = {"bias": arrays["bias"], "favour": arrays.get("favour")}
    for name in _PARTS:
        if name in arrays:
            parts[name] = arrays[name]
            parts[f"{name.removesuffix('s')}_scale"] = arrays[f"{name}_scale"]
    if "hidden_inner" in arrays:
        parts["hidden"] = Hidden(**{name: arrays[f"hidden_{name}"] for name in _HIDDEN})
    if "grams" in arrays:
        parts["grams"] = _spread(arrays["grams"], arrays["bucket"])
        if "is_seen" in arrays:
            parts["seen"] = _spread(arrays["is_seen"], arrays["bucket"])
    return parts


def _spread(values: npt.NDArray[Any], bucket: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one row a bucket, nought where there is none."""
    fits = bucket.dtype == np.int32 and bucket.ndim == 1 and bucket.shape == values.shape[:1]
    if not fits or (bucket.size and not 0 <= int(bucket.min()) <= int(bucket.max()) < BUCKETS):
        raise ContractError("the buckets do not fit the weights")
    spread = np.zeros((BUCKETS, *values.shape[1:]), values.dtype)
    spread[bucket] = values
    return spread

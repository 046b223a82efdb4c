"""A folder of numbers that somebody fitted: `manifest.json` says what they are, each array is one `.npy` file.

Nothing in it can run: what holds Python objects is refused, so is an array that is not the one the manifest names.
"""

import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gehoor.core.errors import SettingError

__all__ = ["MANIFEST", "read_array_folder", "write_array_folder"]

MANIFEST = "manifest.json"
_MOST_MANIFEST = 4 << 20  # bytes; a manifest is read whole

Arrays = dict[str, npt.NDArray[Any]]


def write_array_folder(folder: Path, about: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a folder: the arrays, then the manifest that names them by their SHA-256.

    Parameters
    ----------
    folder : Path
        Made where it is missing; files of the same names are replaced.
    about : mapping
        What the manifest says: `kind`, `format` and what else is known; it gets `arrays`.
    arrays : mapping of array
        By name; numbers only.

    Raises
    ------
    SettingError
        The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digests = {}
        for name, array in arrays.items():
            data = io.BytesIO()
            np.lib.format.write_array(data, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            digests[name] = hashlib.sha256(data.getvalue()).hexdigest()
            _replace(folder / f"{name}.npy", data.getvalue())
        text = json.dumps({**about, "arrays": digests}, indent=1, ensure_ascii=False)
        _replace(folder / MANIFEST, f"{text}\n".encode())
    except OSError as error:
        raise SettingError(f"{folder} cannot be written: {error.strerror}. Choose another folder with -o.") from None


def read_array_folder(folder: Path, kind: str, format_: int) -> tuple[dict[str, Any], Arrays]:
    """Read a folder that `write_array_folder` wrote.

    Parameters
    ----------
    folder : Path
        With a `manifest.json`.
    kind : str
        What it must hold, as its manifest says.
    format_ : int
        The version of the format that we read.

    Returns
    -------
    manifest : dict
        As it was written.
    arrays : dict of array
        By name; read only, each just as long as its file.

    Raises
    ------
    SettingError
        Something is missing, broken, of another kind or version, not what its SHA-256 says, or holds Python objects.
    """
    manifest = _manifest(folder)
    if manifest.get("kind") != kind:
        raise SettingError(
            f"{folder} holds a {manifest.get('kind')!r}, where a {kind!r} is needed. Name another folder."
        )
    if manifest.get("format") != format_:
        found = f"{folder} is of format {manifest.get('format')!r}; this gehoor reads format {format_}."
        raise SettingError(f"{found} Make it anew, or use the gehoor that made it.")
    digests = manifest.get("arrays")
    if not isinstance(digests, dict) or not all(_is_name(name) for name in digests):
        raise SettingError(f"{folder / MANIFEST} does not name its arrays. Make the folder anew.")
    return manifest, {name: _array(folder / f"{name}.npy", digest) for name, digest in digests.items()}


def _is_name(name: str) -> bool:
    return name.replace("_", "").isalnum() and name.isascii()


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            manifest = json.loads(file.read(_MOST_MANIFEST))
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}. Name the folder that was made with -o.") from None
    except (ValueError, RecursionError):
        raise SettingError(f"{path} is no JSON: it was changed or cut off. Make the folder anew.") from None
    if not isinstance(manifest, dict):
        raise SettingError(f"{path} is no JSON object. Make the folder anew.")
    return manifest


def _array(path: Path, digest: object) -> npt.NDArray[Any]:
    """Return an array as a view of its file's bytes: what the header promises can cost no memory."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}. Copy the folder whole.") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise SettingError(
            f"{path} is not the file that {MANIFEST} names (its SHA-256 differs). Copy the folder whole."
        )
    try:
        file = io.BytesIO(data)
        np.lib.format.read_magic(file)
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject:
            raise SettingError(f"{path} holds Python objects, which can run code: gehoor never reads them.")
        values = np.frombuffer(data, dtype, offset=file.tell())
        return values.reshape(shape, order="F" if is_fortran else "C")
    except (ValueError, EOFError) as error:
        raise SettingError(f"{path} is no array of numpy: {error}. Make the folder anew.") from None


def _replace(path: Path, data: bytes) -> None:
    """Write a file beside its place, then put it there: nobody sees half of it."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

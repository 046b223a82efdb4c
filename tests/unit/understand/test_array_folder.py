"""A folder of arrays is what its manifest says, or it is refused with the reason."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest

from gehoor.core.errors import SettingError
from gehoor.understand.array_folder import MANIFEST, read_array_folder, write_array_folder

NUMBERS = np.arange(6, dtype=np.int16).reshape(2, 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_array_folder(tmp_path / "made", {"kind": "sums", "format": 3, "by": "us"}, {"numbers": NUMBERS})
    return tmp_path / "made"


def _put(folder: Path, data: bytes) -> None:
    """Put other bytes in the array's place, and own up to it in the manifest."""
    (folder / "numbers.npy").write_bytes(data)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["arrays"]["numbers"] = hashlib.sha256(data).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_what_was_written_is_read(folder: Path) -> None:
    manifest, arrays = read_array_folder(folder, "sums", 3)
    assert manifest["by"] == "us"
    assert np.array_equal(arrays["numbers"], NUMBERS)
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "numbers.npy"]


def test_another_kind_and_another_format_are_refused(folder: Path) -> None:
    with pytest.raises(SettingError, match="holds a 'sums'"):
        read_array_folder(folder, "table", 3)
    with pytest.raises(SettingError, match="format 3; this gehoor reads format 4"):
        read_array_folder(folder, "sums", 4)


def test_a_missing_folder_and_a_missing_array_are_said(folder: Path) -> None:
    with pytest.raises(SettingError, match="nowhere"):
        read_array_folder(folder / "nowhere", "sums", 3)
    (folder / "numbers.npy").unlink()
    with pytest.raises(SettingError, match=r"numbers\.npy cannot be read"):
        read_array_folder(folder, "sums", 3)


def test_one_changed_byte_is_seen(folder: Path) -> None:
    data = bytearray((folder / "numbers.npy").read_bytes())
    data[-1] ^= 1
    (folder / "numbers.npy").write_bytes(data)
    with pytest.raises(SettingError, match="SHA-256"):
        read_array_folder(folder, "sums", 3)


def test_python_objects_are_refused_though_the_manifest_names_them(folder: Path) -> None:
    data = io.BytesIO()
    np.save(data, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    _put(folder, data.getvalue())
    with pytest.raises(SettingError, match="Python objects"):
        read_array_folder(folder, "sums", 3)


def test_a_header_that_promises_more_than_the_file_holds_costs_no_memory(folder: Path) -> None:
    data = io.BytesIO()
    np.lib.format.write_array_header_1_0(data, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40, 1 << 10)})
    _put(folder, data.getvalue())
    with pytest.raises(SettingError, match="no array of numpy"):
        read_array_folder(folder, "sums", 3)


@pytest.mark.parametrize("data", [b"", b"\x80\x04N.", b"\x93NUMPY\x01\x00\xff\xff{", b"PK\x03\x04"])
def test_what_is_no_array_is_refused(folder: Path, data: bytes) -> None:
    _put(folder, data)
    with pytest.raises(SettingError):
        read_array_folder(folder, "sums", 3)


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, '{"kind": "sums", "format": 3}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(SettingError):
        read_array_folder(folder, "sums", 3)


@pytest.mark.parametrize("name", ["../numbers", "a/b", "", "é"])
def test_a_manifest_cannot_lead_outside_its_folder(folder: Path, name: str) -> None:
    (folder / MANIFEST).write_text(json.dumps({"kind": "sums", "format": 3, "arrays": {name: "0"}}))
    with pytest.raises(SettingError, match="does not name its arrays"):
        read_array_folder(folder, "sums", 3)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cannot be written"):
        write_array_folder(tmp_path / "file", {"kind": "sums", "format": 3}, {"numbers": NUMBERS})

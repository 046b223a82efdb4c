"""Figures that a bench collects: printed at its end, and kept in `bench/` when asked to."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from gehoor.core.clock import SystemClock


@contextmanager
def recorded(repository: Path, name: str) -> Iterator[dict[str, Any]]:
    """Collect figures; with GEHOOR_RECORD=1 they land in `bench/NAME.json`, beside what others of its tests measured.

    Parameters
    ----------
    repository : Path
        Its root.
    name : str
        Of the file, which is also that of the bench: `tests/bench/test_NAME.py`.
    """
    date = datetime.fromtimestamp(SystemClock().now() / 1e6).date().isoformat()  # noqa: DTZ006  # the day here is meant
    found: dict[str, Any] = {
        "command": f"GEHOOR_RECORD=1 python -m pytest tests/bench/test_{name}.py -s",
        "machine": "2 cores, shared",
        "date": date,
    }
    yield found
    print(json.dumps(found, indent=2))
    if os.environ.get("GEHOOR_RECORD"):
        path = repository / "bench" / f"{name}.json"
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        path.write_text(json.dumps(known | found, indent=2) + "\n", encoding="utf-8")

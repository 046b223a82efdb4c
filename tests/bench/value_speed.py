"""Fits models to a million simulated customers, and prints what that took as JSON: run by `test_value.py`.

Where the library lifetimes can be imported, it fits the same customers too.
"""

import importlib
import importlib.util
import json
import resource
import sys
import time
from typing import Any

import numpy as np

from gehoor.know.base import Ints
from gehoor.know.choose import MODELS
from gehoor.know.rfm import Histories

TRUE = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
DAYS = 273


def simulated(n: int, seed: int = 20261122) -> tuple[Ints, Ints]:
    """Return customer and day of the orders of n customers of a BG/NBD in whole days, who came within 91 days."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(TRUE["r"], 1 / TRUE["alpha"], n) / 7
    leaves = rng.beta(TRUE["a"], TRUE["b"], n)
    at = rng.integers(0, 91, n).astype(np.float64)
    there = np.arange(n)
    customers, days = [there], [at.astype(np.int64)]
    while len(there):
        at = at + rng.exponential(1 / rate[there])
        is_in = at <= DAYS
        there, at = there[is_in], at[is_in]
        customers.append(there)
        days.append(at.astype(np.int64))
        stays = rng.random(len(there)) >= leaves[there]
        there, at = there[stays], at[stays]
    return np.concatenate(customers), np.concatenate(days)


def main() -> None:
    """Print seconds of CPU by model, rows, and the most memory that was used."""
    customer, day = simulated(int(sys.argv[1]))
    begun = time.process_time()
    histories = Histories.of(customer, day, DAYS)
    found: dict[str, Any] = {"histories_s": round(time.process_time() - begun, 2)}
    found["distinct_rows"] = len(histories.grouped()[0].n)
    for name in ("BGNBD", "MBGNBD", "Committee"):
        begun = time.process_time()
        model = MODELS[name](39.0).fit(histories)
        found[f"{name}_fit_s"] = round(time.process_time() - begun, 2)
        if name == "BGNBD":
            found["BGNBD_params"] = {key: round(value, 4) for key, value in model.params_.items()}
    begun = time.process_time()
    model.predict(histories)
    found["Committee_predict_s"] = round(time.process_time() - begun, 2)
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if importlib.util.find_spec("lifetimes"):
        begun = time.process_time()
        other = importlib.import_module("lifetimes").BetaGeoFitter()
        other.fit(histories.frequency, histories.recency, histories.T)
        found["lifetimes_BGNBD_fit_s"] = round(time.process_time() - begun, 2)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

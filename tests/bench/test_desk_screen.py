"""How soon a message that is posted stands on an open inbox: a whole gehoor, a real browser.

`GEHOOR_RECORD=1 python -m pytest tests/bench/test_desk_screen.py -m proof -s` adds it to `bench/desk.json`.
"""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gehoor.core.clock import SystemClock
from tests.bench.recording import recorded
from tests.component.browsing import opened, started
from tests.component.whole import Whole

TOML = """
[brands.noordvlucht]
terms = ["noordvlucht"]

[receivers.w3c]
type = "activitystreams"
"""
_TARGET_S = 1.0
_ASKED = (
    "Waar blijft mijn koffer?", "Hoe wijzig ik mijn boeking naar Rome?", "Mijn rolstoel staat nog in Oslo.",
    "Waarom is de factuur van maart dubbel?", "De app toont geen instapkaart.", "Mag mijn hond mee aan boord?",
    "Vertrekt de vlucht van zeven uur nog?", "Ik heb een verkeerde achternaam op mijn ticket.",
    "Waar vraag ik mijn geld terug?",
    "Is er een maaltijd zonder noten?", "Mijn stoel naast mijn kind is weg.", "Waarom werkt mijn spaarkaart niet?",
    "De bus naar de terminal kwam niet.",
)  # fmt: skip


def _says(n: int) -> dict[str, Any]:
    """Return what somebody asks who asked nothing before."""
    at = str(np.datetime64(SystemClock().now(), "us")) + "Z"
    who = f"https://social.example/users/p{n}"
    note = {
        "id": f"https://social.example/n{n}", "type": "Note", "attributedTo": who, "published": at,
        "content": f"@noordvlucht {_ASKED[n % len(_ASKED)]} Kan iemand mij helpen?",
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
    }  # fmt: skip
    return {
        "@context": "https://www.w3.org/ns/activitystreams", "id": f"https://social.example/a{n}", "type": "Create",
        "actor": who, "published": at, "object": note,
    }  # fmt: skip


@pytest.mark.proof
@pytest.mark.browser
@pytest.mark.parametrize("n", [12])
def test_a_message_stands_on_the_screen_within_a_second(tmp_path: Path, repository: Path, n: int) -> None:
    taken = []
    with Whole(tmp_path / "workspace", TOML) as gehoor, started() as browser:
        assert gehoor.post("/v1/activities", _says(0), key=None).status == 200
        with opened(browser, f"{gehoor.url}/inbox") as page:
            page.wait_for_selector(".live.on", state="attached")
            for one in range(1, n + 1):
                page.wait_for_timeout(1_500 + 37 * one)  # at any moment of what looks once in a while
                begun = time.monotonic()
                assert gehoor.post("/v1/activities", _says(one), key=None).status == 200
                page.wait_for_selector(f"#fresh a:has-text('{one} nieuw')", timeout=20_000)
                taken.append(time.monotonic() - begun)
    quantiles = {name: round(float(np.quantile(taken, q)), 2) for name, q in (("p50", 0.5), ("p95", 0.95))}
    with recorded(repository, "desk") as found:
        found["on_the_screen_s"] = {
            "what": "from the POST of a message until an open inbox says that there is one more, one after the other",
            "n": n, "target": _TARGET_S, **quantiles, "most": round(max(taken), 2),
            "within_target": sum(one <= _TARGET_S for one in taken),
            "load_of_the_machine": round(os.getloadavg()[0], 1),
        }  # fmt: skip
    assert quantiles["p50"] <= _TARGET_S

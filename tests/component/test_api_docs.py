"""The reference of the API does not lie: its shell blocks run against a real server, and each call succeeds."""

import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from gehoor.core.clock import StillClock
from gehoor.core.desk_reader import DeskReader
from gehoor.core.member import YOU
from gehoor.core.reader import Reader
from gehoor.web.doors import DOORS
from tests.cast import NOON
from tests.component.awaiting import DESK, waiting
from tests.component.serving import Serving

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: the examples are not run")
def test_every_example_runs_and_says_what_the_page_says(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    with waiting(tmp_path, DESK) as (hearing, owner), Serving(hearing, StillClock(NOON), owner=owner) as serving:
        script = "\n".join(block for block in blocks if "export" not in block)
        script = script.replace("curl -s", "curl -sf --max-time 20").replace('" -H', '" -w "\\n" -H')
        script = script.replace(' -H "Authorization: Bearer $TOKEN"', "")  # nobody logs in where nobody else gets in
        known = {"GEHOOR": serving.url, "PATH": "/usr/bin:/bin"}
        ran = subprocess.run(
            ["/bin/bash", "-ec", script], env=known, capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stderr
        answers = [msgspec.json.decode(line) for line in ran.stdout.splitlines() if line.strip()]
        assert len(answers) == script.count("curl ") - 1  # one of them is asked for its ETag only
        found = DeskReader(Reader(hearing.root), StillClock(NOON)).conversation(1, YOU)
    assert found is not None
    assert [reply.text for reply in found.replies] == ["We zoeken je koffer."]
    assert (found.notes[0].text, answers[-1]["state"]) == ("De koffer is gevonden.", "queued")


def test_the_page_names_addresses_that_are_there() -> None:
    named = set(re.findall(r"/api/v1/([a-z.]+)", PAGE.read_text(encoding="utf-8")))
    assert named <= {door.split("/api/v1/")[1].split("/")[0] for door in DOORS if "/api/v1/" in door}

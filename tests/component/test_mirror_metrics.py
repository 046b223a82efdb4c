"""The newest indices for Prometheus, as a browser or a scraper gets them."""

import re
import urllib.request
from pathlib import Path

from gehoor.core.clock import StillClock
from tests.cast import NOON
from tests.component.mirroring import crowd, edition, heard
from tests.component.serving import Serving


def test_indices_are_open_metrics_and_what_is_not_measured_is_left_out(tmp_path: Path) -> None:
    hearing = heard(tmp_path / "workspace", crowd(30, range(1, 70), 0.3))
    found = edition(hearing)
    with Serving(hearing, StillClock(NOON)) as serving:
        answer = urllib.request.urlopen(f"{serving.url}/metrics", timeout=60)
        text = answer.read().decode()
    hearing.close()
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'gehoor_mirror_\w+\{brand="[^"]*"(,\w+="\w+")*\} [\d.e+-]+', line) for line in lines)
    value = found.binding.relative.value
    assert value is not None
    assert f'gehoor_mirror_index{{brand="",index="binding"}} {value:.10g}' in lines
    assert 'component="repeat"' not in text

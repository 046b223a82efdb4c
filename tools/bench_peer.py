"""Put the same lines through obsei 1.1.1 and through gehoor, in one run: `make bench-peer`.

obsei comes from PyPI into a virtual environment of its own (`build/peer`) and runs as its users run it: `obsei run` on
the `obsei.yaml` that `obsei init` writes, with our file as its source. Sentiment and intent are not on in that file,
because they need a model of 1.2 GB from a hub. So obsei runs twice: as it comes, which judges nothing, and with its
classifier asking a model on this machine that answers at once, which is what its classifier costs when the model costs
nothing. What it takes to start is measured on one line and taken off. gehoor runs its whole pipeline.
"""

import argparse
import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gehoor.core.clock import SECOND_US, SystemClock
from gehoor.core.settings import parse
from gehoor.run.bench_posts import PacedSource, Posts, write_posts
from gehoor.run.bench_run import Run
from gehoor.run.demo_run import free_port
from gehoor.web.app import serve

__all__ = ["bench_peer", "main"]

_ROOT = Path(__file__).resolve().parents[1]
_PEER = "obsei==1.1.1"
_TIMEOUT_S = 1_200
_RATE = 4_600.0

_GEHOOR = """\
[brands.noordvlucht]
terms = ["noordvlucht"]

[brands.zuiderlucht]
terms = ["zuiderlucht"]

[brands.noorderbank]
terms = ["noorderbank"]

[web]
port = {port}
"""

_OBSEI = """\
version: 1
store: {{path: obsei.duckdb, unencrypted: true}}
privacy:
  redact: true
  regions: [global, north_america, uk, eu, latam, apac, india, africa]
{llms}pipelines:
  - name: feedback
    sources:
      - key: posts
        type: jsonl
        config:
          path: posts.jsonl
          fields: {{text: text, id: id, created_at: published, author: actor, url: url}}
{enrichers}    sinks:
      - type: parquet
        config: {{directory: exports}}
"""
_LLMS = "llms:\n  default: {{api: decision, url: '{url}'}}\n"
_CLASSIFY = "    enrichers:\n      - type: classify\n        config: {llm: default, threshold: 0.4}\n"

DIFFERENCES = {
    "obsei as it comes": {
        "does": "reads JSON lines, hides personal data by patterns of eight regions, makes authors pseudonyms, skips"
        " what it has, stores in DuckDB, writes Parquet, moves its cursor after each 100 lines",
        "does not": "judge anything: no language, sentiment, intent or brand; no near duplicates, search, counts, live"
        " page",
    },
    "obsei with its classifier": {
        "does": "the same, and asks a model for sentiment and intent, one request a line; the model here answers at"
        " once and always the same, so its time is that of asking, not of thinking",
        "does not": "find language, brand or near duplicates; search, counts, live page",
    },
    "gehoor": {
        "does": "reads JSON lines, language, brands, sentiment and intent with their probabilities, spam, near"
        " duplicates, full-text search, counts, words, Parquet history, each page in one synced transaction, a web"
        " process that shows it",
        "does not": "hide personal data in texts (people are erased on request), make authors pseudonyms, ask a"
        " language model",
    },
    "settings": "obsei's store is not encrypted here, which is its slower default: encryption needs an extension that"
    " DuckDB downloads. Its batch size is its default, 100.",
}


class _AtOnce(BaseHTTPRequestHandler):
    """A model that costs nothing: answers every question with its last option."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one packet: two would wait 40 ms for each other, and obsei would get the blame
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answers = {name: self._answer(list(question["criteria"])) for name, question in asked["questions"].items()}
        body = json.dumps({"model": "at-once", "answers": answers}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def _answer(options: list[str]) -> dict[str, Any]:
        return {"type": "choice", "choice": options[-1], "probabilities": {options[-1]: 1.0}, "confidence": 1.0}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that the base class gave it
        """Say nothing."""


def _installed() -> Path:
    """Return obsei's command, in an environment of its own that is made the first time."""
    venv = _ROOT / "build/peer/venv"
    if not (venv / "bin/obsei").exists():
        print(f"installing {_PEER} into {venv.relative_to(_ROOT)} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=300)
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _PEER]
        subprocess.run(pip, check=True, timeout=_TIMEOUT_S)
    return venv / "bin/obsei"


def _obsei(command: Path, lines: bytes, url: str | None) -> dict[str, float]:
    """Run obsei on lines, in a new folder; return its CPU (user and system) and wall seconds, and its memory."""
    with tempfile.TemporaryDirectory(prefix="gehoor-peer-") as name:
        folder = Path(name)
        (folder / "posts.jsonl").write_bytes(lines)
        parts = {"llms": _LLMS.format(url=url) if url else "", "enrichers": _CLASSIFY if url else ""}
        (folder / "obsei.yaml").write_text(_OBSEI.format(**parts), encoding="utf-8")
        environment = os.environ | {"OBSEI_PSEUDONYM_SALT": secrets.token_hex(24)}
        started = time.monotonic()
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen([command, "run"], cwd=folder, env=environment, stdout=said, stderr=said)
            killer = threading.Timer(_TIMEOUT_S, process.kill)
            killer.start()
            _, status, used = os.wait4(process.pid, 0)
            killer.cancel()
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        words = (folder / "said").read_text(encoding="utf-8", errors="replace")
        n = lines.count(b"\n")
        if process.returncode or f"stored {n}," not in words or " failed)" in words:
            raise SystemExit(f"obsei did not take in all {n} lines (exit {process.returncode}):\n{words[-2_000:]}")
    return {"cpu_s": used.ru_utime + used.ru_stime, "seconds": seconds, "peak_rss_mb": used.ru_maxrss / 1_024}


def _peer(command: Path, lines: bytes, url: str | None = None) -> dict[str, float]:
    """Return obsei's figures for lines, without what it takes to start."""
    start, whole = _obsei(command, lines[: lines.index(b"\n") + 1], url), _obsei(command, lines, url)
    n, cpu_s, seconds = lines.count(b"\n") - 1, whole["cpu_s"] - start["cpu_s"], whole["seconds"] - start["seconds"]
    return {
        "seconds": round(seconds, 2),
        "posts_per_s": round(n / seconds, 1),
        "cpu_us_per_post": round(cpu_s / n * 1e6, 1),
        "peak_rss_mb": round(whole["peak_rss_mb"], 1),
        "start_seconds": round(start["seconds"], 2),
        "start_cpu_s": round(start["cpu_s"], 2),
    }


def _gehoor(path: Path, n: int) -> dict[str, Any]:
    root = path.parent / "workspace"
    root.mkdir()
    text = _GEHOOR.format(port=free_port(18_400))
    (root / "gehoor.toml").write_text(text, encoding="utf-8")
    clock = SystemClock()
    measured = Run(parse(text, root), clock, PacedSource("bench", path, clock, None), n).measure(serve, None)
    names = ("seconds", "posts_per_s", "cpu_us_per_post", "peak_rss_mb")
    return {name: getattr(measured, name) for name in names}


def _versions(command: Path) -> dict[str, str]:
    listed = subprocess.run(
        [command.with_name("python"), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    known: Mapping[str, str] = {item["name"]: item["version"] for item in json.loads(listed.stdout)}
    return {name: known[name] for name in ("obsei", "duckdb", "pydantic", "httpx")}


def _machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    load = [round(value, 1) for value in os.getloadavg()]
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "load_average": load}


def _commit() -> str:
    command = ["git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout.strip()


def bench_peer(n: int) -> dict[str, Any]:
    """Measure both on the same lines.

    Parameters
    ----------
    n : int
        How many lines.

    Returns
    -------
    dict
        `obsei_as_it_comes`, `obsei_with_its_classifier`, `gehoor`: seconds, posts a second, µs of CPU a post, memory;
        `obsei_to_gehoor`: the ratios; settings, versions, differences, machine, date, commit.
    """
    command = _installed()
    with tempfile.TemporaryDirectory(prefix="gehoor-peer-") as name:
        path = Path(name) / "posts.jsonl"
        start = SystemClock().now() - round(n / _RATE * SECOND_US)
        write_posts(Posts(n=n, file=None, start=start, rate=_RATE), [path])
        lines = path.read_bytes()
        print(f"{n:,} lines through obsei as it comes ...", file=sys.stderr)
        plain = _peer(command, lines)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _AtOnce)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("... with its classifier, and a model that costs nothing ...", file=sys.stderr)
        judged = _peer(command, lines, f"http://127.0.0.1:{server.server_port}/v1/decide")
        server.shutdown()
        print("... and through gehoor", file=sys.stderr)
        ours = _gehoor(path, n)
    return {
        "command": "make bench-peer",
        "lines": n,
        "gehoor": ours,
        "obsei_as_it_comes": plain,
        "obsei_with_its_classifier": judged,
        "obsei_to_gehoor": {
            name: {kind: round(theirs[kind] / ours[kind], 1) for kind in ("cpu_us_per_post", "seconds")}
            for name, theirs in (("as_it_comes", plain), ("with_its_classifier", judged))
        },
        "obsei": {
            "versions": _versions(command),
            "extras": "none (recommended: fastembed, torch, transformers, gliner2, and models from a hub)",
            "settings": _OBSEI.format(llms="", enrichers=""),
            "classifier": _CLASSIFY,
        },
        "differences": DIFFERENCES,
        "machine": _machine(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _commit(),
    }


def main() -> None:
    """Run it, print it, keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--output", type=Path, help="also write it to this file, such as bench/peer.json")
    options = parser.parse_args()
    text = json.dumps(bench_peer(options.lines), indent=2, ensure_ascii=False) + "\n"
    print(text, end="")
    if options.output is not None:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""A keeper of numbers that can be killed: follows a file and takes posts, with a process of its own beside it.

`python -m tests.crash.toy FOLDER PORT [forgets|doubles|orphan|slow]`: the last word makes it careless, and the
harness must notice. `forgets` answers before it commits, `doubles` remembers in memory alone what it has, `orphan`
leaves its process behind, `slow` takes too long to start.
"""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

__all__ = ["Keeper", "counts", "main"]

_CHILD = "import os, sys, time\nwhile os.getppid() == int(sys.argv[1]): time.sleep(0.1)"
_ORPHAN = "import time\ntime.sleep(60)"


class Keeper:
    """Numbers and the place in the file, kept together."""

    def __init__(self, folder: Path, flaw: str) -> None:
        self._lock, self._flaw = threading.Lock(), flaw
        self._db = sqlite.connect(str(folder / "toy.sqlite"), isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=off")
        key = "integer" if flaw == "doubles" else "integer primary key"
        self._db.execute(f"create table if not exists kept (number {key})")
        self._db.execute("create table if not exists place (at integer)")
        self._seen: set[int] = set()
        self._later: list[int] = []

    def place(self) -> int:
        """Return how far the file was read."""
        return max((at for (at,) in self._db.execute("select at from place")), default=0)

    def keep(self, numbers: list[int], place: int | None = None) -> None:
        """Commit numbers, and how far the file was read."""
        with self._lock:
            new = [number for number in dict.fromkeys(numbers) if number not in self._seen]
            self._seen.update(new)
            self._db.execute("begin immediate")
            self._db.executemany("insert or ignore into kept values (?)", [(number,) for number in new])
            if place is not None:
                self._db.execute("delete from place")
                self._db.execute("insert into place values (?)", (place,))
            self._db.execute("commit")

    def take(self, numbers: list[int]) -> None:
        """Keep what was posted; the answer goes out afterwards."""
        if self._flaw == "forgets":
            self._later += numbers
            if len(self._later) > 100:
                self.keep(self._later)
                self._later = []
        else:
            self.keep(numbers)


def _follow(keeper: Keeper, path: Path) -> None:
    while True:
        place = keeper.place()
        with path.open("rb") as file:
            file.seek(place)
            whole = file.read().rpartition(b"\n")[0]
        if whole:
            keeper.keep([int(line) for line in whole.split(b"\n")], place + len(whole) + 1)
        time.sleep(0.01)


def _serve(keeper: Keeper, port: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            keeper.take(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self._answer()

        def _answer(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def counts(folder: Path) -> dict[int, int]:
    """Return how often each number is kept."""
    db = sqlite.connect(str(folder / "toy.sqlite"))
    try:
        return dict(db.execute("select number, count(*) from kept group by number").fetchall())
    finally:
        db.close()


def main() -> None:
    """Serve until killed."""
    folder, port, flaw = Path(sys.argv[1]), int(sys.argv[2]), (sys.argv[3:] or [""])[0]
    child = _ORPHAN if flaw == "orphan" else _CHILD
    subprocess.Popen([sys.executable, "-c", child, str(os.getpid())])
    if flaw == "slow":
        time.sleep(1.5)
    keeper = Keeper(folder, flaw)
    threading.Thread(target=_follow, args=(keeper, folder / "numbers"), daemon=True).start()
    _serve(keeper, port)


if __name__ == "__main__":
    main()

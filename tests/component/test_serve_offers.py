"""`gehoor serve` where there is no workspace yet: somebody who sits there is offered one, a script is told."""

import os
import pty
import socket
import subprocess
import sys
from pathlib import Path


def test_a_person_is_offered_a_workspace_and_may_say_no(tmp_path: Path) -> None:
    person, terminal = pty.openpty()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])  # so that it ends by itself once the workspace is there
        words = [sys.executable, "-m", "gehoor", "serve", str(tmp_path / "acme"), "--port", port]
        for said, is_made in ((b"n\n", False), (b"\n", True)):
            process = subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal)
            os.write(person, said)
            try:
                assert process.wait(120) != 0
            finally:
                process.kill()
            assert (tmp_path / "acme" / "gehoor.toml").exists() == is_made
    shown = os.read(person, 65_536).decode()
    assert "Make one? The pages then show the way." in shown
    os.close(person)
    os.close(terminal)


def test_a_script_is_told_how_to_make_one(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "gehoor", "serve", str(tmp_path / "acme")]
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert "gehoor init" in ended.stderr
    assert not (tmp_path / "acme").exists()

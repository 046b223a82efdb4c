"""Rooms meet only in records and tables."""

import subprocess
import sys

from tests.house.source import REPOSITORY


def test_cli_web_run_rooms_core_are_layers_and_rooms_never_import_each_other() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr

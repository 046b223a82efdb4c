"""What the verbs share: words that a terminal can bear, moments that people read."""

import pytest
from typer.testing import CliRunner

from gehoor.cli.terminal import cell, moment
from gehoor.cli.verbs import app
from tests.cast import NOON


def test_a_post_cannot_steer_the_terminal() -> None:
    hostile = "\x1b]0;title\x07\x1b[2J\r\n\u202egnilaets\u200b"
    assert cell(hostile).replace(" ", "").isprintable()


def test_emoji_that_are_joined_stay_whole() -> None:
    assert cell("👩\u200d🔧") == "👩\u200d🔧"


def test_a_moment_is_shown_in_the_workspace_s_own_time() -> None:
    assert moment(NOON, "Europe/Amsterdam") == "2026-04-14 14:00:00"
    assert moment(None, "UTC") == ""


@pytest.mark.parametrize("words", [["nonsense"], ["posts", "--nonsense"], ["annotate"], ["correct", "first"]])
def test_wrong_use_ends_with_two(words: list[str]) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error" in result.stderr


def test_version_is_told_to_people_and_to_scripts() -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["version"]).stdout.startswith("gehoor ")
    assert '"gehoor":' in runner.invoke(app, ["version", "--json"]).stdout

"""`gehoor.toml` on disk: written whole or not at all, and never over what the user wrote."""

from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.settings import load
from gehoor.core.settings_write import add_source, add_table, write_default
from gehoor.run.lock import OwnerLock, is_owned


def test_default_file_is_right_and_never_overwritten(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "workspace"
    path = write_default(root, 'Klant "&" Co', languages=("nl", "fy"))
    assert load(root).workspace.name == 'Klant "&" Co'
    assert load(root).workspace.languages == ("nl", "fy")
    assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="is a file"):
        write_default(tmp_path / "file", "Acme")
    with pytest.raises(SettingError, match="exists already"):
        write_default(root, "again")


def test_wrong_default_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="ISO 639-1"):
        write_default(tmp_path / "w", "x", languages=("english",))
    assert not (tmp_path / "w").exists()


def test_absent_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"There is no gehoor.toml in {tmp_path}. .* gehoor init"):
        load(tmp_path)


def test_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "gehoor.toml").write_bytes("# caf\u00e9".encode("cp1252"))
    with pytest.raises(SettingError, match="is not UTF-8"):
        load(tmp_path)


def test_added_source_leaves_what_the_user_wrote(tmp_path: Path) -> None:
    mine = "# mine\r\n[web]   # odd   form\r\nport=9000\r\n"
    (tmp_path / "gehoor.toml").write_bytes(mine.encode())
    add_source(tmp_path, "posts", "file", {"path": "a.csv", "columns": {"text": "Wat?"}, "channel": None})
    add_table(tmp_path, "brands", "acme", {"terms": ["acme"]})
    text = (tmp_path / "gehoor.toml").read_bytes().decode()
    assert text.startswith(mine)
    assert "\n" not in text.replace("\r\n", "")
    settings = load(tmp_path)
    assert settings.sources["posts"].options.columns == {"text": "Wat?"}
    assert settings.brands["acme"].terms == ("acme",)


def test_taken_name_and_wrong_options_change_nothing(tmp_path: Path) -> None:
    write_default(tmp_path, "x")
    add_source(tmp_path, "posts", "file", {"path": "a.csv"})
    before = (tmp_path / "gehoor.toml").read_bytes()
    with pytest.raises(SettingError, match=r"line \d+: there is a \[sources.posts\] already"):
        add_source(tmp_path, "posts", "file", {"path": "b.csv"})
    with pytest.raises(SettingError, match="has no setting 'pat'"):
        add_source(tmp_path, "other", "file", {"pat": "b.csv"})
    with pytest.raises(SettingError, match="is no good name"):
        add_source(tmp_path, "a]\n[web", "file", {"path": "b.csv"})
    assert (tmp_path / "gehoor.toml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["gehoor.toml"]


def test_a_folder_that_we_may_not_write_in_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")  # as root reads and writes everything: a file in the place of the folder
    with pytest.raises(SettingError, match="is not ours to write in"):
        OwnerLock(tmp_path)
    with pytest.raises(SettingError, match="is not ours to write in"):
        is_owned(tmp_path)

import json
import stat
from pathlib import Path

import pytest

from archive.errors import CorruptError, StorageError, UsageError
from archive.root import Root


def test_new_archive_has_an_id_and_a_secret_key_that_only_its_owner_reads(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    assert len(root.author_key()) == 32
    assert stat.S_IMODE(root.key_file.stat().st_mode) == 0o600
    assert Root.open(root.path).archive_id == root.archive_id
    assert Root.open(root.path, create=True).author_key() == root.author_key()


def test_two_archives_have_two_keys_and_two_ids(tmp_path):
    one, two = (Root.open(tmp_path / name, create=True) for name in "ab")
    assert one.author_key() != two.author_key()
    assert one.archive_id != two.archive_id


def test_an_archive_that_another_process_makes_meanwhile_is_opened(tmp_path, monkeypatch):
    made = Root.open(tmp_path / "a", create=True)
    made.tables.mkdir()
    really, seen = Path.exists, []

    def late(path, **more):
        seen.append(path)
        first = path.name == "archive.json" and seen.count(path) == 1
        return False if first else really(path, **more)

    monkeypatch.setattr(Path, "exists", late)
    assert Root.open(made.path, create=True).archive_id == made.archive_id


def test_package_is_refused(tmp_path):
    (tmp_path / "__init__.py").touch()
    with pytest.raises(UsageError, match="Python package"):
        Root.open(tmp_path, create=True)


def test_folder_with_other_content_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.doc"):
        Root.open(tmp_path, create=True)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_missing_archive_is_not_made_by_reading(tmp_path):
    with pytest.raises(UsageError, match="no archive"):
        Root.open(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        Root.open(tmp_path / "a", create=True)


def test_creation_that_was_cut_short_is_completed_with_the_same_key(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    key = root.author_key()
    (root.meta / "archive.json").unlink()
    (root.meta / ".archive.json.12ab.tmp").write_text("{")
    assert Root.open(root.path, create=True).author_key() == key


def test_newer_format_is_refused(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    about = json.loads((root.meta / "archive.json").read_text())
    (root.meta / "archive.json").write_text(json.dumps(about | {"format_version": 99}))
    with pytest.raises(UsageError, match="format 99"):
        Root.open(root.path)


def test_damaged_description_and_lost_key_say_what_mends_them(tmp_path):
    root = Root.open(tmp_path / "a", create=True)
    root.key_file.write_text("abc")
    with pytest.raises(CorruptError, match="backup"):
        root.author_key()
    root.key_file.unlink()
    with pytest.raises(StorageError, match="backup"):
        root.author_key()
    (root.meta / "archive.json").write_text("{")
    with pytest.raises(CorruptError, match="backup"):
        Root.open(root.path)

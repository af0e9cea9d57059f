"""Files of people are written completely or not at all."""

import os
import stat
import threading

import pytest

from nbhitl.answers import whole_files
from nbhitl.answers.whole_files import write_whole


def test_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "other").write_bytes(b"")
    write_whole(tmp_path / "new", b"content")
    assert (tmp_path / "new").read_bytes() == b"content"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_file_keeps_its_permissions_and_nothing_stays_beside(tmp_path):
    file = tmp_path / ("x" * 255)
    file.write_bytes(b"before")
    for mode in (0o600, 0o666, 0o755):
        file.chmod(mode)
        write_whole(file, b"after")
        assert stat.S_IMODE(file.stat().st_mode) == mode
    assert file.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [file]


def test_link_stays_a_link_and_the_target_is_written(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "target").write_bytes(b"before")
    for name, target in (("link", "folder/target"), ("dangling", "folder/new")):
        (tmp_path / name).symlink_to(target)
        write_whole(tmp_path / name, b"after")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / target).read_bytes() == b"after"


@pytest.mark.parametrize("ends_at", ["write", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_file_stays_as_it_was_where_the_writing_is_cut_off(tmp_path, monkeypatch, ends_at, error):
    file = tmp_path / "file"
    file.write_bytes(b"before")

    def cut_off(path, *_):
        with path.open("ab") as begun:
            begun.write(b"half")
        raise error

    if ends_at == "write":
        monkeypatch.setattr(whole_files, "_write_draft", cut_off)
    else:
        monkeypatch.setattr(type(file), "replace", cut_off)
    with pytest.raises(type(error)) as raised:
        write_whole(file, b"after")
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]
    if isinstance(error, OSError):
        assert str(raised.value) == f"[Errno 28] No space left on device: '{file}'"


def test_folder_that_is_missing_is_told_with_the_name_of_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing/file'$"):
        write_whole(tmp_path / "missing" / "file", b"content")


def test_file_in_a_folder_that_takes_no_draft_is_written_directly(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_bytes(b"before")

    def refused(draft, *_):
        raise PermissionError(13, "Permission denied", str(draft))

    monkeypatch.setattr(whole_files, "_write_draft", refused)
    write_whole(file, b"after")
    assert file.read_bytes() == b"after"
    with pytest.raises(PermissionError, match=r"new'$"):
        write_whole(tmp_path / "new", b"after")


def test_file_that_is_protected_against_writing_is_not_replaced(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_bytes(b"before")

    def refused(path, *_):  # root, as which tests may run, can write each file
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(file), "open", refused)
    with pytest.raises(PermissionError, match=r"file'$"):
        write_whole(file, b"after")
    monkeypatch.undo()
    assert file.read_bytes() == b"before"


def test_pipe_is_written_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"content")
    reader.join()
    assert read == [b"content"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)

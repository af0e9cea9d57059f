"""Writes files of people completely or not at all: a full disk or an ended process leaves the former file."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file through a draft beside the file; the file keeps the permissions, and a link the target.

    A pipe or a device is written directly, and so is a file in a folder that takes no further file.

    Raises
    ------
    OSError
        If the file cannot be written. The error names the file and not the draft.
    """
    try:
        before = path.stat()
    except FileNotFoundError:
        before = None
    if before is not None:
        if not stat.S_ISREG(before.st_mode):
            path.write_bytes(content)
            return
        with path.open("r+b"):  # raises for a file that is protected against writing, which `replace` is not
            pass
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".nbhitl-{secrets.token_hex(8)}.draft")  # the file's own name may be as long as can be
    try:
        _write_draft(draft, content, before)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        if before is None or not isinstance(error, PermissionError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        path.write_bytes(content)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _write_draft(draft: Path, content: bytes, before: os.stat_result | None) -> None:
    """Write a new file with the owner and the permissions of the former file."""
    mode = 0o666 if before is None else stat.S_IMODE(before.st_mode)
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
    if before is None:
        return
    now = draft.stat()
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        with suppress(OSError):  # only root can give a file away
            os.chown(draft, before.st_uid, before.st_gid)
    if stat.S_IMODE(draft.stat().st_mode) != mode:
        draft.chmod(mode)

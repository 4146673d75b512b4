"""A folder of results: locked, tried out, and replaced as a whole.

New files are written into a hidden folder in it. To put them in place, that folder is renamed to
``COMMIT``, with a list of what is to be moved; from then on the new results count. Old files are moved
out before new ones are moved in, so that files of two runs never stand side by side, whenever the
process is killed; whoever opens the folder next finishes what was begun.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from distsnn.errors import OutputFileError
from distsnn.outputs.content import PICTURE_FORMATS, is_own_picture, json_bytes
from distsnn.outputs.files import (
    HIDDEN,
    cannot_write,
    flush_folder,
    temporary_name,
    write_new,
    writing,
)
from distsnn.outputs.kinds import Kind, other_kind_in
from distsnn.outputs.locks import FolderLock

COMMIT = f"{HIDDEN}commit"  # results on their way from the hidden folder to their places
MOVES = ".moves"  # what is moved out and in
OLD = ".old"  # where the files of the older run wait until the new ones are in place


class OutputFolder:
    """A folder that a command writes one kind of result into, from its making to ``close``.

    Raises OutputFileError, in one line, for a folder that cannot be made or written, that another
    process writes to, or that holds something which is not a result of the same kind.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path, self.kind = path, kind
        self._made = make_folder(path)
        self._lock: FolderLock | None = None
        self._stage: Path | None = None
        self._names: list[str] = []
        try:
            self._lock = FolderLock(path)
            with writing(path):
                _finish(path)
                if self._lock.is_held:
                    _remove_left_over(path)
                try_out(path)
            require_own(path, kind)
        except BaseException:
            self.close()
            raise

    def place(self, name: str) -> Path:
        """Return where to write a file of this name, until ``commit`` puts it in place.

        Raises OutputFileError for a picture that would replace one of somebody else.
        """
        if Path(name).suffix in PICTURE_FORMATS:
            require_own_picture(self.path / name)
        if self._stage is None:
            stage = self.path / temporary_name()
            with writing(self.path):
                stage.mkdir()
            self._stage = stage
        if name not in self._names:
            self._names.append(name)
        return self._stage / name

    def commit(self) -> None:
        """Put all files in place of those of an older run. Raises OutputFileError: then none is."""
        if self._stage is None:
            return
        marker = self.kind.marker
        new = sorted(self._names, key=lambda name: name == marker)  # the marker comes last
        older = set() if self.kind.is_growing else self._files_of_older()
        old = sorted({*older, *new}, key=lambda name: name != marker)
        commit = self.path / COMMIT
        with writing(self.path):
            if self.kind.lists_files and marker in new:
                _add_digests(self._stage, new[:-1], marker)
            write_new(self._stage / MOVES, json_bytes({"out": old, "in": new}))
            (self._stage / OLD).mkdir()
            flush_folder(self._stage)
            os.rename(self._stage, commit)
        self._stage = None
        try:
            _move(self.path, old, new)
        except OSError as error:
            _move_back(self.path, new)
            raise cannot_write(self.path, error) from error
        flush_folder(self.path)
        self._names = []

    def _files_of_older(self) -> set[str]:
        """Return the files of the older run: the usual ones, and those that its marker lists."""
        usual = set(self.kind.found_in(self.path))
        if not self.kind.lists_files:
            return usual
        listed = self.kind.content_of_marker(self.path).get("files", {})
        return usual | {Path(name).name for name in listed}

    def close(self) -> None:
        """Remove what was not put in place, and let others write. A folder made in vain goes."""
        if self._stage is not None:
            shutil.rmtree(self._stage, ignore_errors=True)
            self._stage = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        remove_empty(self._made)
        self._made = []


def finish_interrupted(folder: Path) -> None:
    """Finish putting results in place where a killed process has left off. To call before reading.

    Raises OutputFileError where that is not possible.
    """
    if not (folder / COMMIT).is_dir():
        return
    lock = FolderLock(folder)
    try:
        with writing(folder):
            _finish(folder)
    finally:
        lock.release()


def require_own(folder: Path, kind: Kind) -> None:
    """Raise OutputFileError if a folder holds another kind of result, or somebody else's files.

    Files with other names than the product's stay. Pictures are looked at one by one, see ``place``.
    """
    if not kind.marker:
        return
    other = other_kind_in(folder, kind)
    if other is not None:
        raise OutputFileError(
            f"output {folder}: must be a folder for {kind.title}, got one of {other.title}. "
            "Choose another folder."
        )
    is_marked = kind.marks(folder)
    for name in kind.found_in(folder):
        if Path(name).suffix in PICTURE_FORMATS:
            require_own_picture(folder / name)
        elif not is_marked and not kind.is_own_piece(folder, name):
            raise OutputFileError(
                f"output {folder}: must be empty or a folder of {kind.title}, got a {name} that it "
                "has not written. Choose another folder."
            )


def require_own_picture(path: Path) -> None:
    """Raise OutputFileError if a picture exists that this product has not drawn."""
    if os.path.lexists(path) and not is_own_picture(path):
        raise OutputFileError(
            f"output {path}: must be free or a picture of distsnn, got another file. "
            "Rename that file, or choose another place."
        )


def try_out(folder: Path) -> None:
    """Write a byte into a folder and remove it, since permissions do not tell everything.

    Raises OSError.
    """
    trial = folder / temporary_name()
    try:
        write_new(trial, b"\n")
    finally:
        with suppress(OSError):
            trial.unlink()


def _add_digests(stage: Path, names: Iterable[str], marker: str) -> None:
    """Add the SHA-256 of each file to the marker, under ``files``. Raises OSError."""
    content = json.loads((stage / marker).read_bytes())
    content["files"] = {}
    for name in names:
        content["files"][name] = hashlib.sha256((stage / name).read_bytes()).hexdigest()
    (stage / marker).unlink()
    write_new(stage / marker, json_bytes(content))


def make_folder(path: Path) -> list[Path]:
    """Make a folder with its parents; return those that were missing, the innermost first."""
    with writing(path):
        if path.exists() and not path.is_dir():
            raise OutputFileError(
                f"output {path}: must be a folder, got a file. Choose another place."
            )
        missing = [one for one in (path, *path.parents) if not os.path.lexists(one)]
        path.mkdir(parents=True, exist_ok=True)
    return missing


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders that were made in vain."""
    for folder in folders:
        with suppress(OSError):  # it is in use
            folder.rmdir()


def _finish(folder: Path) -> None:
    """Finish moving the files of a process that was killed meanwhile. Raises OSError."""
    commit = folder / COMMIT
    if not commit.is_dir():
        return
    try:
        moves = json.loads((commit / MOVES).read_text())
        out, new = ([Path(name).name for name in moves[key]] for key in ("out", "in"))
        _move(folder, out, new)
    except FileNotFoundError:  # all was in place already, only the removal was cut short
        shutil.rmtree(commit, ignore_errors=True)


def _move(folder: Path, out: Iterable[str], new: list[str]) -> None:
    """Move old files out, new ones in; go on where that was cut short before. Raises OSError."""
    commit = folder / COMMIT
    for name in out:
        # A new file that is in place already is no longer in the hidden folder.
        if name not in new or os.path.lexists(commit / name):
            with suppress(FileNotFoundError):
                os.rename(folder / name, commit / OLD / name)
    for name in new:
        with suppress(FileNotFoundError):
            os.rename(commit / name, folder / name)
    flush_folder(folder)
    (commit / MOVES).unlink()
    shutil.rmtree(commit, ignore_errors=True)


def _move_back(folder: Path, new: Iterable[str]) -> None:
    """Undo a part of ``_move``: the older run is whole again."""
    commit = folder / COMMIT
    for name in new:
        if not os.path.lexists(commit / name):
            with suppress(OSError):
                os.unlink(folder / name)
    with suppress(OSError):
        for old in (commit / OLD).iterdir():
            with suppress(OSError):
                os.rename(old, folder / old.name)
    shutil.rmtree(commit, ignore_errors=True)


def _remove_left_over(folder: Path) -> None:
    """Remove what killed processes have left; whoever holds the lock is alone here."""
    for path in folder.glob(f"{HIDDEN}*-*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()

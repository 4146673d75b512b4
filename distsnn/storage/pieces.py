"""A folder of results that grows piece by piece, so that a stopped command can go on.

The marker of the folder (see ``Kind``) describes the work. Each piece is a file of plain arrays,
written whole or not at all, with a digest of its arrays, its name and the description; each report has
a digest of its content. So a file that was changed, or belongs to other work, is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import InputFileError, UsageError
from distsnn.input_files.limits import printable, refused
from distsnn.input_files.numpy_files import read_npz
from distsnn.input_files.whole import read_json
from distsnn.outputs import Kind, OutputFolder, json_bytes, npz_bytes, write_file, writing
from distsnn.storage.columns import Column, require_columns

DIGEST, CHECKSUM = "digest", "checksum"


class PieceFolder:
    """The folder of a growing kind of result; a subclass says what its description must be.

    restart: whether new work removes what older work has left. claimed: the folder, if the caller has
    locked it already.
    """

    def __init__(
        self, path: Path, kind: Kind, restart: bool = False, claimed: OutputFolder | None = None
    ) -> None:
        self.path, self._kind, self._restart, self._claimed = path, kind, restart, claimed
        self.remedy = f"Remove it and give the same {kind.title} command again."
        self._work = ""  # digest of the description
        self._own: OutputFolder | None = None

    def require_about(self, path: Path, about: Mapping[str, Any]) -> None:
        """Raise InputFileError unless a description that was read from ``path`` is a right one."""

    def claim(self, about: Mapping[str, Any]) -> None:
        """Lock the folder for the work that ``about`` describes, until ``close``.

        Raises UsageError if the folder holds other work and is not to be restarted, OutputFileError
        if it cannot be written, holds something else, or is locked by another process.
        """
        self._own = None if self._claimed is not None else OutputFolder(self.path, self._kind)
        try:
            if self.has(self._kind.marker) and not self._restart:
                before = self.about()
                different = [name for name in about if before.get(name) != about[name]]
                if different:
                    raise UsageError(
                        f"{printable(self.path)}: must be a folder of the same {self._kind.title}, "
                        f"got one with other {', '.join(different)}. Choose another folder, or add "
                        "--restart."
                    )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Unlock the folder."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def begin(self, about: Mapping[str, Any]) -> None:
        """Write the description, unless the folder holds a part of this work already."""
        if self._restart:
            for name in self._kind.found_in(self.path):
                self.drop(name)
        if not self.has(self._kind.marker):
            self.write_json(self._kind.marker, about)
        self._work = _digest_of_json(about)

    def about(self) -> dict[str, Any]:
        """Return the description. Raises InputFileError."""
        path = self.path / self._kind.marker
        if not os.path.lexists(path):
            raise InputFileError(
                f"{printable(self.path)}: must be a folder made by {self._kind.title}, got one "
                f"without {path.name}. Make it first."
            )
        about = read_json(path)
        self.require_about(path, about)
        self._work = _digest_of_json(about)
        return about

    def has(self, name: str) -> bool:
        """Return whether a file exists."""
        return (self.path / name).exists()

    def drop(self, name: str) -> None:
        """Remove a file, or a folder of pieces, if it exists."""
        path = self.path / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a report of the folder. Raises InputFileError."""
        path = self.path / name
        content = read_json(path)
        if content.pop(CHECKSUM, None) != _digest_of_json([self._of_work(), name, content]):
            raise refused(path, "the report that this work wrote", "another checksum", self.remedy)
        return content

    def write_json(self, name: str, content: Mapping[str, Any], path: Path | None = None) -> None:
        """Write a JSON file of the folder. path: of a temporary file that is put in place later."""
        whole = dict(content)
        if name != self._kind.marker:
            whole[CHECKSUM] = _digest_of_json([self._of_work(), name, content])
        write_file(path or self.path / name, json_bytes(whole))

    def save(self, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a piece."""
        path = self.path / name
        with writing(path):
            path.parent.mkdir(exist_ok=True)
        digest = np.array(self._digest_of_piece(name, arrays))
        write_file(path, npz_bytes({**arrays, DIGEST: digest}))

    def load(
        self, name: str, columns: Mapping[str, Column], optional: Mapping[str, Column] | None = None
    ) -> dict[str, np.ndarray]:
        """Read a piece of these arrays. Raises InputFileError.

        optional: arrays that it has all of, or none.
        """
        path = self.path / name
        arrays = read_npz(path)
        digest = arrays.pop(DIGEST, None)
        if digest is None or str(digest) != self._digest_of_piece(name, arrays):
            limit = f"a piece of the work in {self._kind.marker}, as it was written"
            raise refused(path, limit, "another digest", self.remedy)
        has_more = optional is not None and not optional.keys().isdisjoint(arrays)
        wanted = {**columns, **optional} if optional and has_more else columns
        require_columns(path, arrays, wanted, self.remedy)
        return arrays

    def _of_work(self) -> str:
        """Return the digest of the description."""
        if not self._work:
            self.about()
        return self._work

    def _digest_of_piece(self, name: str, arrays: Mapping[str, np.ndarray]) -> str:
        digest = hashlib.sha256(f"{self._of_work()}\n{name}\n".encode())
        for key in sorted(arrays):
            array = np.asarray(arrays[key])
            digest.update(f"{key} {array.dtype.str} {array.shape}\n".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()[:32]


def _digest_of_json(content: Any) -> str:
    """Return a digest of content in the form that it has after it was written and read."""
    # Written and read once: tuples become lists, keys become texts.
    text = json.dumps(json.loads(json.dumps(content)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]

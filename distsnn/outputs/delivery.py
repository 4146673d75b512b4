"""All that one command writes: tried before its work, put in place together after it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from distsnn.errors import OutputFileError
from distsnn.outputs.files import flush_folder, is_device, temporary_name, writing
from distsnn.outputs.folder import (
    OutputFolder,
    make_folder,
    remove_empty,
    require_own_picture,
)
from distsnn.outputs.kinds import Kind
from distsnn.outputs.places import Inputs, require_file_place, require_not_an_input


class Ranks(Protocol):
    """What writing needs of the ranks of a run; ``comm.Comm`` has it."""

    rank: int

    def agree(self, error: Exception | None) -> None:
        """Raise on every rank the error of the lowest rank that has one. Collective."""
        ...


class Delivery:
    """Writes the files of a command beside their places, and puts all of them there at its end.

    files: named by the user, and replaced. pictures: named by the product, in folders that are made;
    they replace only pictures that it has drawn. folder, kind: for a whole folder of results. inputs:
    what must not be written over. Raises OutputFileError for whatever cannot be written.
    """

    def __init__(
        self,
        files: Iterable[Path | None] = (),
        *,
        pictures: Iterable[Path] = (),
        folder: Path | None = None,
        kind: Kind | None = None,
        inputs: Inputs | None = None,
    ) -> None:
        self.folder: OutputFolder | None = None
        self._stages: dict[Path, Path] = {}
        self._moves: list[tuple[Path, Path]] = []
        self._made: list[Path] = []
        named = [file for file in files if file is not None]
        drawn = list(pictures)
        _require_different([*named, *drawn], folder)
        if folder is not None and kind is not None:
            self.folder = OutputFolder(folder, kind)
        try:
            for path in drawn:
                self._made = [*make_folder(path.parent), *self._made]
                require_own_picture(path)
            for path in (*named, *drawn):
                self._require_free_name(path, path in named)
                require_file_place(path, inputs)
            if folder is not None and kind is not None:
                for name in kind.found_in(folder):
                    require_not_an_input(folder / name, inputs)
        except BaseException:
            self.discard()
            raise

    def place(self, path: Path) -> Path:
        """Return where to write a file until ``commit``. A device is written at once."""
        if is_device(path):
            return path
        target = Path(os.path.realpath(path))
        if self.folder is not None and self._is_in_folder(target):
            return self.folder.place(target.name)
        stage = self._stages.get(target.parent)
        if stage is None:
            stage = target.parent / temporary_name()
            with writing(path):
                stage.mkdir()
            self._stages[target.parent] = stage
        self._moves.append((stage / path.name, target))
        return stage / path.name

    def commit(self) -> None:
        """Put everything in place. Raises OutputFileError."""
        if self.folder is not None:
            self.folder.commit()
        for temporary, target in self._moves:
            with writing(target):
                os.replace(temporary, target)
        for folder in self._stages:
            flush_folder(folder)
        self._moves = []

    def discard(self) -> None:
        """Remove what was not put in place, and let others write."""
        for stage in self._stages.values():
            shutil.rmtree(stage, ignore_errors=True)
        self._stages, self._moves = {}, []
        remove_empty(self._made)
        self._made = []
        if self.folder is not None:
            self.folder.close()

    def _is_in_folder(self, target: Path) -> bool:
        with suppress(OSError):
            return self.folder is not None and os.path.samefile(target.parent, self.folder.path)
        return False

    def _require_free_name(self, path: Path, is_named: bool) -> None:
        """Raise OutputFileError for a name that the folder of results has for something else."""
        if not is_named or self.folder is None:
            return
        target = Path(os.path.realpath(path))
        if self._is_in_folder(target) and self.folder.kind.has(target.name):
            if target.suffix in (".png", ".pdf", ".svg"):
                return
            raise OutputFileError(
                f"output {path}: must differ from the files of {self.folder.kind.title} in this "
                f"folder, got {target.name}. Choose another name."
            )


@contextmanager
def delivered(comm: Ranks, files: Iterable[Path | None] = (), **options: Any) -> Iterator[Delivery]:
    """Give the ``Delivery`` of a command on rank 0, an idle one elsewhere. Collective.

    What rank 0 finds wrong is raised on every rank. What was not put in place at the end is removed.
    """
    delivery, error = Delivery(), None
    if comm.rank == 0:
        try:
            delivery = Delivery(files, **options)
        except Exception as caught:
            error = caught
    comm.agree(error)
    try:
        yield delivery
    finally:
        delivery.discard()


def _require_different(files: list[Path], folder: Path | None) -> None:
    """Raise OutputFileError if two outputs have one place."""
    taken: dict[str, Path] = {} if folder is None else {os.path.realpath(folder): folder}
    for path in files:
        if is_device(path):
            continue
        real = os.path.realpath(path)
        if real in taken:
            raise OutputFileError(
                f"output {path}: must differ from the other outputs, got the place of "
                f"{taken[real]}. Choose another name."
            )
        taken[real] = path

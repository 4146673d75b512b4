"""Finds the recordings in a folder, with what they are and who made them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from distsnn.errors import InputFileError, UsageError

SOUND_NAME = re.compile(r"^(?P<label>[^_]+)_(?P<speaker>[^_]+)_(?P<take>\d+)$")
SOUND = (".wav",)
EVENTS = (".bin", ".dat", ".raw", ".aedat", ".aedat4")
MIN_PER_CLASS = 2
SHIPPED = Path(__file__).parents[1] / "data" / "spoken_digits"


@dataclass(frozen=True)
class Sample:
    """One recording. speaker: '' and take: -1 where the name does not say."""

    path: Path
    label: str
    speaker: str = ""
    take: int = -1


@dataclass(frozen=True)
class Samples:
    """Recordings of one kind (``sounds`` or ``events``), in order of class, speaker and take."""

    kind: str
    items: tuple[Sample, ...]

    @property
    def classes(self) -> list[str]:
        """The labels, sorted."""
        return sorted({item.label for item in self.items})

    @property
    def speakers(self) -> list[str]:
        """Who speaks, sorted; [''] where nobody is named."""
        return sorted({item.speaker for item in self.items})

    def __len__(self) -> int:
        return len(self.items)

    def limited(self, n: int | None, least_per_class: int = 1) -> Samples:
        """Return about ``n`` recordings, evenly chosen over all classes.

        Raises UsageError where fewer than ``least_per_class`` of a class are left, or, if that is
        more than 1, a single class.
        """
        if n is None or n >= len(self.items):
            return self
        chosen = [int((k + 0.5) * len(self.items) / n) for k in range(n)]
        left = Samples(self.kind, tuple(self.items[k] for k in chosen))
        counts = Counter(item.label for item in left.items)
        label, fewest = min(counts.items(), key=lambda pair: (pair[1], pair[0]))
        is_one = len(counts) < 2 <= least_per_class
        if fewest < least_per_class or is_one:
            got = f"{fewest} of class {label}" if not is_one else f"class {label} alone"
            raise UsageError(
                f"limit of {n} recordings: must leave at least {least_per_class} of each of 2 classes "
                f"or more, got {got}. Take more; {least_per_class * len(self.classes)} may do."
            )
        return left


def find_samples(folder: str | Path, least_per_class: int = MIN_PER_CLASS) -> Samples:
    """Return the recordings of a folder; raises InputFileError, in one line.

    Either files ``<label>_<speaker>_<take>.wav`` (also in a sub-folder ``recordings``), or one
    sub-folder for each class with wav files or event-camera recordings.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise InputFileError(f"{folder}: {what}, limit a folder of recordings. Name the folder.")
    if (folder / "recordings").is_dir():
        folder = folder / "recordings"
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in SOUND)
    items = [_named(path) for path in files] if files else _by_folder(folder)
    if not items:
        raise InputFileError(
            f"{folder}: holds no recordings, limit files label_speaker_take.wav or one folder of "
            f"recordings ({', '.join(SOUND + EVENTS)}) per class. Name another folder."
        )
    kinds = {_kind(item.path) for item in items}
    if len(kinds) > 1:
        raise InputFileError(f"{folder}: holds sounds and events, limit one kind. Separate them.")
    _require_classes(folder, items, least_per_class)
    items.sort(key=lambda item: (item.label, item.speaker, item.take, item.path.name))
    return Samples(kinds.pop(), tuple(items))


def _kind(path: Path) -> str:
    return "sounds" if path.suffix.lower() in SOUND else "events"


def _named(path: Path) -> Sample:
    match = SOUND_NAME.match(path.stem)
    if match is None:
        raise InputFileError(
            f"{path}: its name says no label, limit names label_speaker_take.wav. Rename it, or "
            "make one folder per class."
        )
    return Sample(path, match["label"], match["speaker"], int(match["take"]))


def _by_folder(folder: Path) -> list[Sample]:
    items = []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in sorted(sub.iterdir()):
            if path.suffix.lower() in SOUND + EVENTS:
                match = SOUND_NAME.match(path.stem)
                speaker, take = (match["speaker"], int(match["take"])) if match else ("", -1)
                items.append(Sample(path, sub.name, speaker, take))
    return items


def _require_classes(folder: Path, items: list[Sample], least: int) -> None:
    counts = Counter(item.label for item in items)
    if len(counts) < 2 and least > 1:
        raise InputFileError(
            f"{folder}: holds 1 class ({next(iter(counts))}), limit 2 at least. Add another."
        )
    label, fewest = min(counts.items(), key=lambda pair: (pair[1], pair[0]))
    if fewest < least:
        raise InputFileError(
            f"{folder}: class {label} has {fewest} recording, limit {least} at least. Add more, or "
            "leave the class out."
        )

"""The recordings in a folder, with their classes, speakers and takes."""

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
    """One recording. speaker is '' and take is -1 if the file's name does not give them."""

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
        """The names of the speakers, sorted; [''] if none is named."""
        return sorted({item.speaker for item in self.items})

    def __len__(self) -> int:
        return len(self.items)

    def limited(self, n: int | None, min_per_class: int = 1) -> Samples:
        """Return about ``n`` recordings, evenly chosen over all classes.

        Raises UsageError if fewer than ``min_per_class`` of a class are left, or only one class
        although ``min_per_class`` is above 1.
        """
        if n is None or n >= len(self.items):
            return self
        # Evenly spaced indices in the order of class, speaker, take.
        chosen = [int((k + 0.5) * len(self.items) / n) for k in range(n)]
        left = Samples(self.kind, tuple(self.items[k] for k in chosen))
        counts = Counter(item.label for item in left.items)
        label, fewest = min(counts.items(), key=lambda pair: (pair[1], pair[0]))
        is_one = len(counts) < 2 <= min_per_class
        if fewest < min_per_class or is_one:
            got = f"{fewest} of class {label}" if not is_one else f"class {label} alone"
            raise UsageError(
                f"--limit {n}: must be enough for at least {min_per_class} of each of 2 classes "
                f"or more, got {got}. Take more; {min_per_class * len(self.classes)} may do."
            )
        return left


def find_samples(folder: str | Path, min_per_class: int = MIN_PER_CLASS) -> Samples:
    """Return the recordings of a folder. Raises InputFileError.

    Either files ``<label>_<speaker>_<take>.wav`` (also in a sub-folder ``recordings``), or one
    sub-folder for each class with wav files or event-camera recordings.
    """
    folder = Path(folder)
    if not folder.is_dir():
        got = "a file" if folder.exists() else "none"
        raise InputFileError(f"{folder}: must be a folder of recordings, got {got}. Name one.")
    if (folder / "recordings").is_dir():
        folder = folder / "recordings"
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in SOUND)
    items = [_named(path) for path in files] if files else _by_folder(folder)
    if not items:
        raise InputFileError(
            f"{folder}: must be a folder of files label_speaker_take.wav, or of one folder per class "
            f"({', '.join(SOUND + EVENTS)}), got no recordings. Name another folder."
        )
    kinds = {_kind(item.path) for item in items}
    if len(kinds) > 1:
        raise InputFileError(
            f"{folder}: must be of one kind of recordings, got sounds and events. Separate them."
        )
    _require_classes(folder, items, min_per_class)
    # The order defines the numbers of recordings, whatever the file system lists first.
    items.sort(key=lambda item: (item.label, item.speaker, item.take, item.path.name))
    return Samples(kinds.pop(), tuple(items))


def _kind(path: Path) -> str:
    return "sounds" if path.suffix.lower() in SOUND else "events"


def _named(path: Path) -> Sample:
    match = SOUND_NAME.match(path.stem)
    if match is None:
        raise InputFileError(
            f"{path}: must be named label_speaker_take.wav, got {path.name}. Rename it, or make one "
            "folder per class."
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
            f"{folder}: must be of at least 2 classes, got 1 ({next(iter(counts))}). Add another."
        )
    label, fewest = min(counts.items(), key=lambda pair: (pair[1], pair[0]))
    if fewest < least:
        raise InputFileError(
            f"{folder}: must be of at least {least} recordings of each class, got {fewest} of class "
            f"{label}. Add more, or leave the class out."
        )

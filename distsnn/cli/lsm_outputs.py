"""Files and lines on screen that the verbs of ``distsnn lsm`` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distsnn.liquid.saved.folder import SavedRun
    from distsnn.outputs import Delivery

PICTURES_OF_RUN = ("accuracies.png", "confusion.png")


def draw_run(saved: SavedRun, folder: Path, delivery: Delivery) -> list[Path]:
    """Draw the pictures of a run; return their paths in ``folder``."""
    from distsnn.liquid.pictures import draw_accuracies, draw_confusion

    first, second = (folder / name for name in PICTURES_OF_RUN)
    draw_accuracies(saved.about["accuracies"], delivery.place(first))
    draw_confusion(saved.about["confusion"], saved.classes, delivery.place(second))
    return [first, second]


def write_json(report: dict[str, Any], path: Path | None, delivery: Delivery) -> None:
    """Write a report, if a path is given."""
    if path is not None:
        from distsnn.report import document

        document.write_json(report, delivery.place(path))


def print_pictures(paths: list[Path], quiet: bool) -> None:
    """Print the paths of pictures."""
    if not quiet:
        for path in paths:
            print(f"picture: {path}")

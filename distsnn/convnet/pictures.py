"""Pictures of a training: kernels, preferred stimuli, convergence, confusion."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.convnet.preferred import Pictures, preferred
from distsnn.convnet.settings import ConvSettings
from distsnn.convnet.train.trained import Trained
from distsnn.outputs import save_figure

MAX_SHOWN = 144
GAP_COLOUR = (0.85, 0.90, 0.96)
LINE_COLOURS = ("#20639b", "#c0392b", "#2e8b57", "#8e44ad")


def draw_all(trained: Trained, place: Callable[[str], Path]) -> list[str]:
    """Draw everything; return the names. place: returns the path to draw to for a file's name."""
    weights = {name: layer["weights"] for name, layer in trained.layers.items()}
    names = []
    for number, (name, seen) in enumerate(preferred(trained.settings, weights).items()):
        kind = "kernels" if number == 0 else "preferred"
        names.append(f"{kind}-{name}.png")
        draw_maps(seen, trained.layers[name]["wins"], name, place(names[-1]), is_first=number == 0)
    names.append("learning.png")
    draw_learning(trained, place(names[-1]))
    for name, result in results(trained).items():
        names.append(f"confusion-{name}.png")
        draw_confusion(result, trained.classes, place(names[-1]))
    return names


def results(trained: Trained) -> dict[str, dict[str, Any]]:
    """Return title and confusion by read-out: of the last evaluation, else of held-out images."""
    if trained.evaluation:
        of_name, images = trained.evaluation["readouts"], f"{trained.evaluation['n_test']:,} images"
    else:
        readouts = trained.report["readouts"].items()
        of_name = {name: entry["held_out"] for name, entry in readouts if "held_out" in entry}
        images = "held-out images"
    return {
        name: {**result, "title": f"{name}: {result['accuracy']:.2f} % of {images}"}
        for name, result in of_name.items()
    }


def draw_maps(seen: Pictures, wins: np.ndarray, name: str, path: Path, is_first: bool) -> None:
    """Draw the pictures of a layer's maps, those that won most often first."""
    from matplotlib.figure import Figure

    order = np.argsort(-wins, kind="stable")[:MAX_SHOWN]
    # About 1.6 times as wide as high.
    n_columns = math.ceil(math.sqrt(1.6 * len(order)))
    whole = mosaic(seen.images[order], n_columns)
    width = 0.62 * n_columns if is_first else 0.85 * n_columns
    height = width * whole.shape[0] / whole.shape[1] + 0.3
    figure = Figure(figsize=(max(4.0, width), height), layout="constrained")
    axis = figure.subplots()
    axis.set_axis_off()
    axis.imshow(whole, interpolation="nearest")
    shown = "" if len(order) == len(wins) else f"{len(order)} of "
    subject = "kernels (ON white, OFF black)" if is_first else "preferred stimuli"
    axis.set_title(
        f"{name}: {subject}, {shown}{len(wins)} maps, frequent winners first", fontsize=9
    )
    save_figure(figure, path)


def mosaic(images: np.ndarray, n_columns: int) -> np.ndarray:
    """Return all images side by side as colours, float64 [height, width, 3], each with its contrast.

    Positive values are light, negative ones dark; gaps have a colour of their own.
    """
    n, height, width = images.shape
    # Pixels are enlarged to about 28 pixels a picture.
    factor = max(1, 28 // max(height, width))
    gap = max(1, factor * height // 12)
    n_rows = -(-n // n_columns)
    tall, wide = height * factor + gap, width * factor + gap
    whole = np.empty((n_rows * tall + gap, n_columns * wide + gap, 3))
    whole[:] = GAP_COLOUR
    for k, image in enumerate(images):
        most = max(1e-9, float(np.abs(image).max()))
        # Grey 0.5 is weight 0; the contrast of each picture is stretched on its own.
        grey = np.kron(0.5 + 0.5 * image / most, np.ones((factor, factor)))
        y, x = k // n_columns * tall + gap, k % n_columns * wide + gap
        whole[y : y + height * factor, x : x + width * factor] = grey[..., None]
    return whole


def draw_learning(trained: Trained, path: Path) -> None:
    """Draw C against images shown, and the number of wins of each map."""
    from matplotlib.figure import Figure

    layers = trained.settings.layers
    stops = {layer.name: layer.stop_c for layer in layers if isinstance(layer, ConvSettings)}
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for colour, (name, layer) in zip(cycle(LINE_COLOURS), trained.layers.items(), strict=False):
        curve = layer["curve"]
        left.plot(curve[:, 0], curve[:, 1], "o-", ms=3, color=colour, label=name)
        right.plot(np.sort(layer["wins"])[::-1], color=colour, label=name)
        left.axhline(stops[name], color=colour, lw=0.8, ls=":")
    # C falls exponentially while a layer learns.
    left.set_yscale("log")
    left.set_xlabel("images shown")
    left.set_xlim(left=0)
    left.set_ylabel("C = mean of w (1 - w); dotted: learned")
    # Linear near 0, so that maps without a win are shown.
    right.set_yscale("symlog")
    right.set_xlabel("maps, sorted")
    right.set_ylabel("wins")
    for axis in (left, right):
        axis.legend(frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path)


def draw_confusion(result: dict[str, Any], classes: tuple[str, ...], path: Path) -> None:
    """Draw a confusion matrix: fractions of the true class as colour, numbers if there is room."""
    from matplotlib.figure import Figure

    confusion = np.array(result["confusion"], dtype=np.int64)
    # share[y, x] = images of class y taken for x / images of class y
    share = confusion / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    n = len(classes)
    size = min(9.0, 1.8 + 0.45 * n)
    figure = Figure(figsize=(size, size), layout="constrained")
    axis = figure.subplots()
    # The square root makes rare confusions visible.
    axis.imshow(np.sqrt(share), cmap="Blues", vmin=0.0, vmax=1.0)
    if n <= 25:
        axis.set_xticks(range(n), classes, rotation=45 if max(map(len, classes)) > 2 else 0)
        axis.set_yticks(range(n), classes)
        for y, x in zip(*np.nonzero(confusion), strict=True):
            colour = "white" if share[y, x] > 0.3 else "black"
            text = axis.text(x, y, str(confusion[y, x]), ha="center", va="center", fontsize=8)
            text.set_color(colour)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")
    axis.set_title(result["title"], fontsize=10)
    save_figure(figure, path)

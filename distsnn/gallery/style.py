"""The common style of all pictures: colours, font sizes, bare axes."""

from __future__ import annotations

from typing import Any

BLUE, RED, GREEN, GOLD, PURPLE = "#1f4e8c", "#c8442e", "#3a7d44", "#b8860b", "#7a5195"
GREY, PALE = "#5b5b5b", "#c9c9c9"
SMALL, NORMAL = 8, 9


def finish(axes: Any, x: str = "", y: str = "", title: str = "") -> None:
    """Label axes and remove their upper and right lines."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=SMALL)
    if x:
        axes.set_xlabel(x, fontsize=NORMAL)
    if y:
        axes.set_ylabel(y, fontsize=NORMAL)
    if title:
        axes.set_title(title, loc="left", fontsize=NORMAL)


def head(figure: Any, text: str) -> None:
    """Give a picture its title."""
    figure.suptitle(text, fontsize=NORMAL + 2, x=0.01, ha="left")

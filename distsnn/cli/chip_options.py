"""The options that say which chip a network is on, and how it is placed there."""

from __future__ import annotations

import argparse

from distsnn.cli.named import CHIPS, PLACEMENTS
from distsnn.cli.values import chip_array, count

CUTS = {
    "neurons": "fill cores up to their neurons",
    "limits": "fill cores up to every limit of the chip",
    "patches": "so too, with patches of the images of convolutions",
}


def add_chip_arguments(parser: argparse.ArgumentParser, cut: str = "neurons") -> None:
    """Add the options; ``cut`` is the default of ``--cut``."""
    parser.add_argument(
        "--chip", default="loihi", metavar="NAME|FILE",
        help=f"{CHIPS}, or a TOML file (default loihi)",
    )  # fmt: skip
    parser.add_argument(
        "--chips", type=chip_array, default=(1, 1), metavar="XxY",
        help="array of chips that form one mesh (1x1)",
    )  # fmt: skip
    parser.add_argument(
        "--placement", default="rows", metavar="HOW",
        help=f"{PLACEMENTS} (default rows; near: short routes for heavy traffic)",
    )  # fmt: skip
    ways = [f"{way}{' (default)' if name == cut else ''}" for name, way in CUTS.items()]
    parser.add_argument("--cut", default=cut, choices=tuple(CUTS), help=", or ".join(ways))
    parser.add_argument(
        "--neurons-per-core", type=count, metavar="N",
        help="use more cores, with at most N neurons on each",
    )  # fmt: skip

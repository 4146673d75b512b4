"""``distsnn lsm``: liquid state machines on recordings: train, eval, show, measure."""

from __future__ import annotations

import argparse
from pathlib import Path

from distsnn.cli.values import count, place, refused, seed, setting

HELP = "Liquid state machines: train a read-out on recordings, evaluate, show, measure."
DATA_HELP = (
    "folder of label_speaker_take.wav files, or one folder per class of wav or event-camera "
    "recordings (default: the spoken digits of the package)"
)


def grid(text: str) -> tuple[int, int, int]:
    """Return the sizes of a grid given as 20x20x10."""
    try:
        x, y, z = (count(part) for part in text.split("x"))
    except (argparse.ArgumentTypeError, ValueError):
        raise refused("XxYxZ, as 15x3x3", text) from None
    return x, y, z


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the four verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    train = verbs.add_parser("train", help="play recordings, train and compare read-outs")
    train.add_argument("data", nargs="?", type=Path, metavar="DATA", help=DATA_HELP)
    train.add_argument(
        "--out", type=place, required=True, metavar="RUN", help="folder for the result"
    )
    _add_liquid(train)
    train.add_argument("--bands", type=count, metavar="N", help="bands of the filter bank (32)")
    train.add_argument(
        "--readout", default="ridge", choices=("ridge", "logistic", "svm"),
        help="kind of read-out to store (the scores are those of ridge)",
    )  # fmt: skip
    train.add_argument(
        "--no-compare",
        action="store_true",
        help="leave out the comparison with recurrent weights at zero",
    )
    _add_common(train)
    evaluate = verbs.add_parser("eval", help="evaluate a trained liquid on other recordings")
    evaluate.add_argument("run", type=Path, metavar="RUN", help="folder that train has written")
    evaluate.add_argument("data", nargs="?", type=Path, metavar="DATA", help=DATA_HELP)
    _add_common(evaluate)
    show = verbs.add_parser(
        "show", help="print the report and draw the pictures of a trained liquid"
    )
    show.add_argument("run", type=Path, metavar="RUN", help="folder that train has written")
    measure = verbs.add_parser("measure", help="separation, ranks, memory, spectral radius")
    measure.add_argument(
        "--out", type=place, required=True, metavar="DIR", help="folder for results"
    )
    measure.add_argument(
        "--channels", type=count, default=40, metavar="N", help="input channels (40)"
    )
    measure.add_argument("--quick", action="store_true", help="fewer inputs")
    _add_liquid(measure)
    _add_running(measure)


def _add_liquid(parser: argparse.ArgumentParser) -> None:
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--neurons", type=count, metavar="N", help="size of the liquid (1,000)")
    size.add_argument(
        "--grid", type=grid, metavar="XxYxZ", help="grid of the liquid; published: 15x3x3"
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="published, sounds or events (default: by the kind of the data)",
    )
    parser.add_argument(
        "--set", action="append", type=setting, default=[], metavar="NAME=VALUE",
        help="a parameter of the preset, such as recurrence=0, fan=6, n=8; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=seed, default=1, help="seed of wiring, weights and encoder (1)"
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=count, metavar="N", help="use only about N recordings")
    parser.add_argument("--json", type=place, metavar="FILE", help="write the report as JSON")
    parser.add_argument(
        "--replicas", type=count, default=1, metavar="R",
        help="copies of the liquid: 1 spreads one over all ranks (default)",
    )  # fmt: skip
    _add_running(parser)


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chip", metavar="NAME|FILE", help="loihi (default), truenorth, or a file")
    parser.add_argument(
        "--neurons-per-core",
        type=count,
        metavar="N",
        help="use more cores, with at most N neurons on each",
    )
    parser.add_argument("--fabric", metavar="NAME", help="how packets travel between ranks")
    parser.add_argument("--no-pictures", action="store_true", help="draw nothing")
    parser.add_argument("--quiet", action="store_true", help="no progress, no report on screen")


def run(options: argparse.Namespace) -> int:
    """Run the verb; return the exit code. Collective."""
    from distsnn.cli.lsm_verbs import VERBS
    from distsnn.comm import start

    comm = start()
    VERBS[options.verb](options, comm)
    comm.barrier()
    return 0

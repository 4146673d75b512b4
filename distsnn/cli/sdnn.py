"""``distsnn sdnn``: train, evaluate and show spiking convolutional networks that learn by STDP."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.named import FABRICS, PLACEMENTS
from distsnn.cli.values import count, place, refused, seed

if TYPE_CHECKING:
    from distsnn.outputs import Delivery

HELP = "Train a spiking convolutional network with STDP, evaluate it, show what it has learned."
DATA_HELP = (
    "folder of IDX files, folder with one sub-folder of pictures per class, or .npz file; "
    "default: a sample of handwritten digits"
)


def change(text: str) -> tuple[str, str]:
    """Return name and value of ``name=value``, for instance conv1.maps=64."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise refused("NAME=VALUE, as conv1.maps=64", text)
    return name, value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the three actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    train = actions.add_parser("train", help="learn layer by layer, then fit the classifier")
    train.add_argument("data", nargs="?", type=Path, metavar="DATA", help=DATA_HELP)
    train.add_argument(
        "--out", type=place, required=True, metavar="RUN", help="folder of the result"
    )
    train.add_argument(
        "--preset", default="mnist", metavar="NAME|FILE", help="mnist (default), mnist-paper, "
        "faces, faces-paper, eth80, or a TOML file",
    )  # fmt: skip
    train.add_argument(
        "--set", action="append", type=change, default=[], metavar="NAME=VALUE",
        help="change a setting: conv1.maps=64, input.bins=20, svm.c=1; may be given several times",
    )  # fmt: skip
    train.add_argument(
        "--seed", type=seed, metavar="N", help="seed of the weights and of the order of images (1)"
    )
    train.add_argument(
        "--hold-out", metavar="HOW",
        help="images for evaluation, left out of learning: last:N, each:N (N of each class to learn), "
        "share:F, match:REGEX (of class/file)",
    )  # fmt: skip
    train.add_argument(
        "--restart", action="store_true", help="remove the training in RUN and start again"
    )
    evaluate = actions.add_parser("eval", help="evaluate a trained network on images")
    evaluate.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a training")
    evaluate.add_argument("data", nargs="?", type=Path, metavar="DATA", help=DATA_HELP)
    for action in (train, evaluate):
        action.add_argument(
            "--images", metavar="FIRST:END", help="use only these images, as in Python slices"
        )
        _add_machine(action)
    show = actions.add_parser("show", help="pictures of what a network has learned")
    show.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a training")
    show.add_argument("--out", type=place, metavar="DIR", help="folder (default: RUN/pictures)")


def _add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=place, metavar="FILE", help="write the report as JSON")
    parser.add_argument(
        "--replicas", type=count, metavar="R", default=1,
        help="copies of the network over the ranks, for different images",
    )  # fmt: skip
    parser.add_argument("--ranks", type=count, metavar="N", help="use only the first N ranks")
    parser.add_argument("--chip", default="loihi", metavar="NAME|FILE", help="loihi (default), ...")
    parser.add_argument("--placement", default="rows", metavar="HOW", help=PLACEMENTS)
    parser.add_argument(
        "--neurons-per-core",
        type=count,
        metavar="N",
        help="use more cores, with at most N neurons on each",
    )
    parser.add_argument("--fabric", metavar="NAME", help=FABRICS)
    parser.add_argument("--quiet", action="store_true", help="print nothing")


def run(options: argparse.Namespace) -> int:
    """Run one of the actions; return the exit code. Collective."""
    if options.action == "show":
        return _show(options)
    from distsnn.chip import load_chip
    from distsnn.comm import start
    from distsnn.convnet.machine import Machine

    world = start(options.ranks)
    machine = Machine(
        world, load_chip(options.chip), options.replicas, options.fabric, options.placement,
        options.neurons_per_core,
    )  # fmt: skip
    (_train if options.action == "train" else _evaluate)(options, machine)
    world.barrier()
    return 0


def _store(report: dict[str, Any], options: argparse.Namespace, delivery: Delivery) -> None:
    """Write the JSON file, if asked for, and put all files in place. Rank 0 only."""
    if options.json:
        from distsnn.report.document import write_json

        write_json(report, delivery.place(options.json))
    delivery.commit()


def _train(options: argparse.Namespace, machine: Any) -> None:
    from distsnn.outputs import SDNN, Inputs, delivered

    inputs = Inputs([options.preset, options.chip], [options.data])
    with delivered(
        machine.world, [options.json], folder=options.out, kind=SDNN, inputs=inputs
    ) as delivery:
        _train_into(options, machine, delivery)


def _train_into(options: argparse.Namespace, machine: Any, delivery: Delivery) -> None:
    from distsnn.convnet.images.image_set import divide, sliced
    from distsnn.convnet.images.reading import load_images
    from distsnn.convnet.presets import load_preset, override
    from distsnn.convnet.train.progress import Progress
    from distsnn.convnet.train.run_folder import RunFolder
    from distsnn.convnet.train.training import Training

    changes = list(options.set)
    if options.seed is not None:
        changes.append(("seed", str(options.seed)))
    settings = override(load_preset(options.preset), changes)

    def read() -> Any:
        data = load_images(options.data, "train", settings.input.size)
        data = sliced(data, options.images) if options.images else data
        return divide(data, options.hold_out, settings.seed) if options.hold_out else (data, None)

    data, held = machine.world.broadcast(machine.on_root(read))
    progress = Progress(options.quiet or not machine.is_root)
    folder = RunFolder(options.out, options.restart, delivery.folder)
    training = Training(settings, data, held, folder, machine, progress)
    if not options.quiet and machine.is_root:
        from distsnn.convnet.text import print_network

        print_network(training.network, data, held, machine)
    report = training.run()
    if not options.quiet and machine.is_root:
        from distsnn.convnet.text import print_training

        print_training(report)
    machine.on_root(lambda: _store(report, options, delivery))


def _evaluate(options: argparse.Namespace, machine: Any) -> None:
    from distsnn.convnet.train.run_folder import RunFolder
    from distsnn.outputs import SDNN, Inputs, delivered

    run: Path = options.run_folder
    kept = [run / "eval.json"] if os.access(run, os.W_OK) else []
    learned = [run / name for name in SDNN.found_in(run) if name != "eval.json"]
    inputs = Inputs([options.chip, *learned], [options.data])
    with delivered(machine.world, [options.json, *kept], inputs=inputs) as delivery:
        report = _report_of(options, machine)

        def finish() -> None:
            if kept:
                RunFolder(run).write_json("eval.json", report, delivery.place(kept[0]))
            _store(report, options, delivery)

        machine.on_root(finish)


def _report_of(options: argparse.Namespace, machine: Any) -> dict[str, Any]:
    from distsnn.convnet.images.image_set import sliced, with_classes
    from distsnn.convnet.images.reading import load_images
    from distsnn.convnet.train.evaluation import evaluate
    from distsnn.convnet.train.progress import Progress
    from distsnn.convnet.train.trained import load_trained

    def read() -> Any:
        trained = load_trained(options.run_folder)
        data = load_images(options.data, "test", trained.settings.input.size)
        data = sliced(data, options.images) if options.images else data
        return trained, with_classes(data, trained.classes)

    trained, data = machine.world.broadcast(machine.on_root(read))
    progress = Progress(options.quiet or not machine.is_root)
    report = evaluate(trained, data, machine, progress)
    if not options.quiet and machine.is_root:
        from distsnn.convnet.text import print_evaluation

        print_evaluation(report)
    return report


def _show(options: argparse.Namespace) -> int:
    from distsnn.comm.launch.environment import find_launcher
    from distsnn.convnet.pictures import draw_all
    from distsnn.convnet.train.trained import load_trained
    from distsnn.outputs import PICTURES, OutputFolder

    if find_launcher().rank > 0:
        return 0
    folder = options.out or options.run_folder / "pictures"
    trained = load_trained(options.run_folder)
    place = OutputFolder(folder, PICTURES)
    try:
        names = draw_all(trained, place.place)
        place.commit()
    finally:
        place.close()
    for name in names:
        print(f"picture: {folder / name}")
    return 0

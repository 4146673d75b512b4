"""``distsnn lsm``: liquid state machines on recordings: train, eval, show, measure."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.cli.values import count, setting, whole

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.liquid.liquid import Liquid
    from distsnn.liquid.parameters import Preset
    from distsnn.liquid.run_folder import SavedRun
    from distsnn.liquid.samples import Samples
    from distsnn.simulation import Settings

HELP = "Liquid state machines: train a read-out on recordings, evaluate, show, measure."
DATA_HELP = (
    "folder of label_speaker_take.wav files, or one folder per class of wav or event-camera "
    "recordings (default: the spoken digits that come along)"
)
DEFAULT_NEURONS = 1000


def grid(text: str) -> tuple[int, int, int]:
    """Return the sizes of a grid given as 20x20x10."""
    parts = text.split("x")
    if len(parts) != 3 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"is {text!r}, limit XxYxZ, as 15x3x3")
    return int(parts[0]), int(parts[1]), int(parts[2])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the four verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    one = verbs.add_parser("train", help="play recordings, train and compare read-outs")
    one.add_argument("data", nargs="?", type=Path, metavar="DATA", help=DATA_HELP)
    one.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder for the result")
    _add_liquid(one)
    one.add_argument(
        "--readout", default="ridge", choices=("ridge", "logistic", "svm"),
        help="kind that is kept (scores are those of ridge)",
    )  # fmt: skip
    one.add_argument(
        "--no-compare", action="store_true", help="leave out the run with recurrent weights at zero"
    )
    _add_common(one)
    two = verbs.add_parser("eval", help="how a trained liquid does on other recordings")
    two.add_argument("run", type=Path, metavar="RUN", help="folder that train has written")
    two.add_argument("data", nargs="?", type=Path, metavar="DATA", help=DATA_HELP)
    _add_common(two)
    three = verbs.add_parser("show", help="the report and the pictures of a trained liquid")
    three.add_argument("run", type=Path, metavar="RUN", help="folder that train has written")
    four = verbs.add_parser("measure", help="separation, ranks, memory, spectral radius")
    four.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for results")
    four.add_argument("--lines", type=count, default=40, metavar="N", help="input lines (40)")
    four.add_argument("--quick", action="store_true", help="fewer inputs")
    _add_liquid(four)
    _add_running(four)


def _add_liquid(parser: argparse.ArgumentParser) -> None:
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--neurons", type=count, metavar="N", help=f"size of the liquid ({DEFAULT_NEURONS})"
    )
    size.add_argument("--grid", type=grid, metavar="XxYxZ", help="its grid; 15x3x3: published")
    parser.add_argument(
        "--preset", metavar="NAME", help="published, sounds or events (default: as the data)"
    )
    parser.add_argument(
        "--set", action="append", type=setting, default=[], metavar="NAME=VALUE",
        help="a number of the preset, such as recurrence=0, fan=6, n=8; may be given several times",
    )  # fmt: skip
    parser.add_argument("--seed", type=whole, default=1, help="of wiring, weights, encoder (1)")
    parser.add_argument("--bands", type=count, metavar="N", help="bands of the filter bank (32)")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=count, metavar="N", help="use only about N recordings")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument(
        "--replicas", type=count, default=1, metavar="R",
        help="1 cuts one liquid over all ranks (default); the number of ranks gives each a copy",
    )  # fmt: skip
    _add_running(parser)


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chip", metavar="NAME|FILE", help="loihi (default), truenorth, or a file")
    parser.add_argument("--neurons-per-core", type=count, metavar="N", help="to spread over cores")
    parser.add_argument("--fabric", metavar="NAME", help="how packets travel between ranks")
    parser.add_argument("--no-pictures", action="store_true", help="draw nothing")
    parser.add_argument("--quiet", action="store_true", help="no progress, no report on screen")


def run(options: argparse.Namespace) -> int:
    """Do what the verb says; return the exit code. Collective."""
    from distsnn.comm import start

    comm = start()
    verbs = {"train": _train, "eval": _eval, "show": _show, "measure": _measure}
    verbs[options.verb](options, comm)
    comm.barrier()
    return 0


def _on_root(comm: Comm, action: Any) -> Any:
    """Return what ``action()`` gives on rank 0 (else None); its errors end all ranks."""
    error, value = None, None
    try:
        if comm.rank == 0:
            value = action()
    except Exception as caught:
        error = caught
    comm.agree(error)
    return value


def _samples(options: argparse.Namespace, comm: Comm, least: int) -> Samples:
    from distsnn.liquid.samples import SHIPPED, find_samples

    folder = options.data or SHIPPED
    return find_samples(folder, least).limited(options.limit)


def _settings(options: argparse.Namespace, chip: str, per_core: int | None) -> Settings:
    from distsnn.simulation import Settings

    return Settings(chip=chip, neurons_per_core=per_core, fabric=getattr(options, "fabric", None))


def _shown(options: argparse.Namespace, comm: Comm) -> Any:
    from distsnn.liquid.progress import ProgressLines

    return ProgressLines() if comm.rank == 0 and not options.quiet else None


def _preset(options: argparse.Namespace, kind: str) -> Preset:
    from distsnn.liquid.geometry import grid_of
    from distsnn.liquid.parameters import preset, with_settings

    found = preset(options.preset or kind)
    if options.grid:
        found = found.with_grid(options.grid)
    elif options.neurons or options.preset != "published":
        found = found.with_grid(grid_of(options.neurons or DEFAULT_NEURONS))
    return with_settings(found, dict(options.set))


def _liquid(options: argparse.Namespace, found: Preset, n_lines: int, image: Any) -> Liquid:
    from distsnn.chip import load_chip
    from distsnn.liquid.liquid import Liquid

    most = load_chip(options.chip or "loihi").neurons_per_core
    per_core = min(options.neurons_per_core or most, most)
    return Liquid(found.column, found.wiring, n_lines, image, options.seed, found.dt_ms, per_core)


def _train(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.respond import encode_all
    from distsnn.liquid.stimulus import encoder_for
    from distsnn.liquid.training import train
    from distsnn.report.targets import require_writable

    _on_root(comm, lambda: require_writable([options.json], [options.out]))
    samples = _samples(options, comm, 2)
    found = _preset(options, samples.kind)
    encoder = encoder_for(samples, found, options.seed, options.bands)
    liquid = _liquid(options, found, encoder.n_lines, encoder.image)
    shown = _shown(options, comm)
    stimuli = encode_all(encoder, [item.path for item in samples.items], comm, shown)
    chip = options.chip or "loihi"
    training = train(
        samples, stimuli, liquid, found, _settings(options, chip, options.neurons_per_core), comm,
        replicas=options.replicas, kind=options.readout, compare=not options.no_compare,
        progress=shown,
    )  # fmt: skip

    def finish() -> None:
        from distsnn.liquid.run_folder import run_of, save_run
        from distsnn.liquid.text import print_training, training_report

        if training is None:
            return
        report = training_report(training, found.dt_ms)
        saved = run_of(
            training, report, samples.kind, encoder, found, options.seed, chip,
            liquid.neurons_per_core,
        )  # fmt: skip
        save_run(options.out, saved)
        _write_json(report, options.json)
        if not options.quiet:
            print_training(report, training.classes)
        if not options.no_pictures:
            _draw_run(saved, options.out, options.quiet)
            _draw_first(saved, samples, stimuli[len(stimuli) // 2], options.out, options.quiet)
        if not options.quiet:
            print(f"run: {options.out}")

    _on_root(comm, finish)


def _eval(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.evaluation import evaluate
    from distsnn.liquid.respond import encode_all
    from distsnn.liquid.run_folder import load_run
    from distsnn.report.targets import require_writable

    _on_root(comm, lambda: require_writable([options.json], []))
    saved = load_run(options.run)
    samples = _samples(options, comm, 1)
    saved.require_kind(samples)
    shown = _shown(options, comm)
    stimuli = encode_all(saved.encoder, [item.path for item in samples.items], comm, shown)
    chip = options.chip or saved.chip
    found = evaluate(
        saved, samples, stimuli, _settings(options, chip, options.neurons_per_core), comm,
        replicas=options.replicas, progress=shown,
    )  # fmt: skip

    def finish() -> None:
        from distsnn.liquid.pictures import draw_confusion
        from distsnn.liquid.text import evaluation_report, print_evaluation

        if found is None:
            return
        report = evaluation_report(found, saved.classes, saved.preset.dt_ms)
        _write_json(report, options.json)
        if not options.quiet:
            print_evaluation(report)
        if not options.no_pictures:
            path = draw_confusion(
                found.confusion, saved.classes, options.run / "eval_confusion.png"
            )
            _say(f"picture: {path}", options.quiet)

    _on_root(comm, finish)


def _show(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.run_folder import load_run
    from distsnn.liquid.text import print_training

    saved = load_run(options.run)

    def finish() -> None:
        print_training(saved.about, saved.classes)
        _draw_run(saved, options.run, False)

    _on_root(comm, finish)


def _measure(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.measures import measure_all
    from distsnn.report.targets import require_writable

    _on_root(comm, lambda: require_writable([], [options.out]))
    found = _preset(options, "sounds")
    if found.wiring.spread_pixels is not None:
        found = replace(found, wiring=replace(found.wiring, spread_pixels=None))
    liquid = _liquid(options, found, options.lines, None)
    chip = options.chip or "loihi"
    settings = _settings(options, chip, options.neurons_per_core)
    measured = measure_all(liquid, settings, comm, options.quick)

    def finish() -> None:
        from distsnn.liquid.pictures import draw_measures
        from distsnn.liquid.text import print_measures

        if measured is None:
            return
        _write_json(measured, options.out / "measures.json")
        if not options.quiet:
            print_measures(measured)
        if not options.no_pictures:
            _say(f"picture: {draw_measures(measured, options.out / 'measures.png')}", options.quiet)

    _on_root(comm, finish)


def _draw_run(saved: SavedRun, folder: Path, quiet: bool) -> None:
    from distsnn.liquid.pictures import draw_accuracies, draw_confusion

    first = draw_accuracies(saved.about["accuracies"], folder / "accuracies.png")
    second = draw_confusion(saved.about["confusion"], saved.classes, folder / "confusion.png")
    for path in (first, second):
        _say(f"picture: {path}", quiet)


def _draw_first(
    saved: SavedRun, samples: Samples, stimulus: Any, folder: Path, quiet: bool
) -> None:
    from distsnn.comm.serial import SerialComm
    from distsnn.liquid.evaluation import liquid_of
    from distsnn.liquid.one_recording import draw_one

    item = samples.items[len(samples) // 2]
    title = f"{item.path.name}: class {item.label}"
    settings = _settings(argparse.Namespace(), saved.chip, saved.neurons_per_core)
    path = draw_one(
        liquid_of(saved), saved.preset, stimulus, settings, SerialComm(), title,
        folder / "recording.png",
    )  # fmt: skip
    _say(f"picture: {path}", quiet)


def _write_json(report: dict[str, Any], path: Path | None) -> None:
    if path is not None:
        from distsnn.report.document import write_json

        write_json(report, path)


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text)

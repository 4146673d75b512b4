"""What ``distsnn lsm train``, ``eval``, ``show`` and ``measure`` do."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.checks import whole
from distsnn.cli.checks import on_first_rank, require_unused
from distsnn.cli.lsm_options import (
    chosen_liquid,
    chosen_per_core,
    chosen_preset,
    chosen_samples,
    progress_of,
    require_known_ways,
    settings_for,
)
from distsnn.errors import UsageError

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.liquid.classify.training import Training
    from distsnn.liquid.inputs.encoders import LineSpikes
    from distsnn.liquid.inputs.samples import Sample
    from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder
    from distsnn.liquid.liquid import Liquid
    from distsnn.liquid.parameters import Preset
    from distsnn.liquid.saved.folder import SavedRun
    from distsnn.outputs import Delivery

PICTURES_OF_RUN = ("accuracies.png", "confusion.png")

MAX_LINES_MEASURED = 4096  # random numbers for each and every step are in memory at once


def _train(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.outputs import LSM, Inputs, delivered

    inputs = Inputs([options.chip], [options.data])
    with delivered(
        comm, [options.json], folder=options.out, kind=LSM, inputs=inputs
    ) as delivery:
        _train_into(options, comm, delivery)


def _train_into(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.liquid.classify.training import train
    from distsnn.liquid.inputs.stimulus import encoder_for
    from distsnn.liquid.respond import encode_with_copies

    require_known_ways(options, comm)
    samples = chosen_samples(options, 2)
    if samples.kind == "events":
        require_unused(options, {"bands": None}, "with sounds")
    found = chosen_preset(options, samples.kind)
    encoder = encoder_for(samples, found, options.seed, options.bands, comm)
    liquid = chosen_liquid(options, found, encoder.n_lines, encoder.image)
    shown = progress_of(options, comm)
    stimuli = encode_with_copies(encoder, found, [item.path for item in samples.items], comm, shown)
    settings = settings_for(options, options.chip or "loihi", options.neurons_per_core)
    training = train(
        samples, stimuli, liquid, found, settings, comm, replicas=options.replicas,
        kind=options.readout, compare=not options.no_compare, progress=shown,
    )  # fmt: skip
    middle = len(samples) // 2
    example = Example(samples.items[middle], stimuli[middle])

    def finish() -> None:
        _keep(options, training, found, encoder, liquid, example, delivery)

    on_first_rank(comm, finish)


@dataclass(frozen=True)
class Example:
    """The recording that is drawn."""

    item: Sample
    stimulus: LineSpikes


def _keep(
    options: argparse.Namespace,
    training: Training | None,
    preset: Preset,
    encoder: SoundEncoder | EventEncoder,
    liquid: Liquid,
    example: Example,
    delivery: Delivery,
) -> None:
    from distsnn.liquid.saved.folder import fill_run_folder, run_of
    from distsnn.liquid.text import print_training, training_report

    if training is None:
        return
    report = training_report(training, preset.dt_ms)
    kind = "sounds" if encoder.image is None else "events"
    saved = run_of(
        training, report, kind, encoder, preset, options.seed, options.chip or "loihi",
        liquid.neurons_per_core,
    )  # fmt: skip
    folder: Path = options.out
    fill_run_folder(saved, lambda name: delivery.place(folder / name))
    _write_json(report, options.json, delivery)
    if not options.quiet:
        print_training(report, training.classes)
    pictures: list[Path] = []
    if not options.no_pictures:
        pictures += _draw_run(saved, folder, delivery)
        pictures.append(_draw_example(saved, example, folder, delivery))
    delivery.commit()
    _say_pictures(pictures, options.quiet)
    _say(f"run: {folder}", options.quiet)


def _eval(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.saved.folder import load_run
    from distsnn.outputs import LSM, Inputs, delivered

    saved = load_run(options.run)
    inputs = Inputs([options.chip, *(options.run / name for name in LSM.names)], [options.data])
    pictures = [] if options.no_pictures else [options.run / "eval_confusion.png"]
    with delivered(comm, [options.json], pictures=pictures, inputs=inputs) as delivery:
        _eval_into(options, comm, saved, delivery)


def _eval_into(
    options: argparse.Namespace, comm: Comm, saved: SavedRun, delivery: Delivery
) -> None:
    from distsnn.liquid.classify.evaluation import evaluate
    from distsnn.liquid.respond import encode_all

    require_known_ways(options, comm)
    chip = options.chip or saved.chip
    chosen_per_core(options, chip)
    samples = chosen_samples(options, 1)
    saved.require_kind(samples)
    shown = progress_of(options, comm)
    stimuli = encode_all(saved.encoder, [item.path for item in samples.items], comm, shown)
    found = evaluate(
        saved, samples, stimuli, settings_for(options, chip, options.neurons_per_core), comm,
        replicas=options.replicas, progress=shown,
    )  # fmt: skip

    def finish() -> None:
        from distsnn.liquid.pictures import draw_confusion
        from distsnn.liquid.text import evaluation_report, print_evaluation

        if found is None:
            return
        report = evaluation_report(found, saved.classes, saved.preset.dt_ms)
        _write_json(report, options.json, delivery)
        if not options.quiet:
            print_evaluation(report)
            if options.data is None:
                print(
                    "The sample that comes along: a run trained on it has heard these recordings."
                )
        if not options.no_pictures:
            path = options.run / "eval_confusion.png"
            draw_confusion(found.confusion, saved.classes, delivery.place(path))
        delivery.commit()
        if not options.no_pictures:
            _say_pictures([path], options.quiet)

    on_first_rank(comm, finish)


def _show(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.saved.folder import load_run
    from distsnn.liquid.text import print_training
    from distsnn.outputs import delivered

    saved = load_run(options.run)
    pictures = [options.run / name for name in PICTURES_OF_RUN]
    with delivered(comm, pictures=pictures) as delivery:

        def finish() -> None:
            print_training(saved.about, saved.classes)
            paths = _draw_run(saved, options.run, delivery)
            delivery.commit()
            _say_pictures(paths, False)

        on_first_rank(comm, finish)


def _measure(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.outputs import MEASURES, Inputs, delivered

    inputs = Inputs([options.chip])
    with delivered(comm, folder=options.out, kind=MEASURES, inputs=inputs) as delivery:
        _measure_into(options, comm, delivery)


def _measure_into(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.liquid.measures.separation import measure_all

    require_known_ways(options, comm)
    whole("lines", options.lines, 1, MAX_LINES_MEASURED, error=UsageError)
    found = chosen_preset(options, "sounds")
    if found.wiring.spread_pixels is not None:
        found = replace(found, wiring=replace(found.wiring, spread_pixels=None))
    liquid = chosen_liquid(options, found, options.lines, None)
    chip = options.chip or "loihi"
    settings = settings_for(options, chip, options.neurons_per_core)
    measured = measure_all(liquid, settings, comm, options.quick)

    def finish() -> None:
        from distsnn.liquid.pictures import draw_measures
        from distsnn.liquid.text import print_measures

        if measured is None:
            return
        _write_json(measured, options.out / "measures.json", delivery)
        if not options.quiet:
            print_measures(measured)
        picture = options.out / "measures.png"
        if not options.no_pictures:
            draw_measures(measured, delivery.place(picture))
        delivery.commit()
        if not options.no_pictures:
            _say_pictures([picture], options.quiet)

    on_first_rank(comm, finish)


def _draw_run(saved: SavedRun, folder: Path, delivery: Delivery) -> list[Path]:
    """Draw the pictures of a run; return where they are going to be."""
    from distsnn.liquid.pictures import draw_accuracies, draw_confusion

    first, second = (folder / name for name in PICTURES_OF_RUN)
    draw_accuracies(saved.about["accuracies"], delivery.place(first))
    draw_confusion(saved.about["confusion"], saved.classes, delivery.place(second))
    return [first, second]


def _draw_example(
    saved: SavedRun, example: Example, folder: Path, delivery: Delivery
) -> Path:
    from distsnn.comm.serial import SerialComm
    from distsnn.liquid.classify.evaluation import liquid_of
    from distsnn.liquid.one_recording import draw_one

    title = f"{example.item.path.name}: class {example.item.label}"
    settings = settings_for(argparse.Namespace(), saved.chip, saved.neurons_per_core)
    path = folder / "recording.png"
    draw_one(
        liquid_of(saved), saved.preset, example.stimulus, settings, SerialComm(), title,
        delivery.place(path),
    )  # fmt: skip
    return path


def _write_json(report: dict[str, Any], path: Path | None, delivery: Delivery) -> None:
    if path is not None:
        from distsnn.report.document import write_json

        write_json(report, delivery.place(path))


def _say_pictures(paths: list[Path], quiet: bool) -> None:
    for path in paths:
        _say(f"picture: {path}", quiet)


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text)


VERBS = {"train": _train, "eval": _eval, "show": _show, "measure": _measure}

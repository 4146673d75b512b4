"""What ``distsnn lsm train``, ``eval``, ``show`` and ``measure`` do."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.checks import whole
from distsnn.cli.checks import on_first_rank
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
    from distsnn.liquid.encoders import LineSpikes
    from distsnn.liquid.liquid import Liquid
    from distsnn.liquid.parameters import Preset
    from distsnn.liquid.run_folder import SavedRun
    from distsnn.liquid.samples import Sample
    from distsnn.liquid.stimulus import EventEncoder, SoundEncoder
    from distsnn.liquid.training import Training

MAX_LINES_MEASURED = 4096  # random numbers for each and every step are in memory at once


def _train(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.respond import encode_with_copies
    from distsnn.liquid.stimulus import encoder_for
    from distsnn.liquid.training import train
    from distsnn.report.targets import require_writable

    require_known_ways(options, comm)
    on_first_rank(comm, lambda: require_writable([options.json], [options.out]))
    samples = chosen_samples(options, 2)
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
    on_first_rank(comm, lambda: _keep(options, training, found, encoder, liquid, example))


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
) -> None:
    from distsnn.liquid.run_folder import run_of, save_run
    from distsnn.liquid.text import print_training, training_report

    if training is None:
        return
    report = training_report(training, preset.dt_ms)
    kind = "sounds" if encoder.image is None else "events"
    saved = run_of(
        training, report, kind, encoder, preset, options.seed, options.chip or "loihi",
        liquid.neurons_per_core,
    )  # fmt: skip
    save_run(options.out, saved)
    _write_json(report, options.json)
    if not options.quiet:
        print_training(report, training.classes)
    if not options.no_pictures:
        _draw_run(saved, options.out, options.quiet)
        _draw_example(saved, example, options.out, options.quiet)
    _say(f"run: {options.out}", options.quiet)


def _eval(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.evaluation import evaluate
    from distsnn.liquid.respond import encode_all
    from distsnn.liquid.run_folder import load_run
    from distsnn.report.targets import require_writable

    require_known_ways(options, comm)
    on_first_rank(comm, lambda: require_writable([options.json], []))
    saved = load_run(options.run)
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
        _write_json(report, options.json)
        if not options.quiet:
            print_evaluation(report)
            if options.data is None:
                print(
                    "The sample that comes along: a run trained on it has heard these recordings."
                )
        if not options.no_pictures:
            path = draw_confusion(
                found.confusion, saved.classes, options.run / "eval_confusion.png"
            )
            _say(f"picture: {path}", options.quiet)

    on_first_rank(comm, finish)


def _show(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.run_folder import load_run
    from distsnn.liquid.text import print_training

    saved = load_run(options.run)

    def finish() -> None:
        print_training(saved.about, saved.classes)
        _draw_run(saved, options.run, False)

    on_first_rank(comm, finish)


def _measure(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.liquid.measures import measure_all
    from distsnn.report.targets import require_writable

    require_known_ways(options, comm)
    whole("lines", options.lines, 1, MAX_LINES_MEASURED, error=UsageError)
    on_first_rank(comm, lambda: require_writable([], [options.out]))
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
        _write_json(measured, options.out / "measures.json")
        if not options.quiet:
            print_measures(measured)
        if not options.no_pictures:
            _say(f"picture: {draw_measures(measured, options.out / 'measures.png')}", options.quiet)

    on_first_rank(comm, finish)


def _draw_run(saved: SavedRun, folder: Path, quiet: bool) -> None:
    from distsnn.liquid.pictures import draw_accuracies, draw_confusion

    first = draw_accuracies(saved.about["accuracies"], folder / "accuracies.png")
    second = draw_confusion(saved.about["confusion"], saved.classes, folder / "confusion.png")
    for path in (first, second):
        _say(f"picture: {path}", quiet)


def _draw_example(saved: SavedRun, example: Example, folder: Path, quiet: bool) -> None:
    from distsnn.comm.serial import SerialComm
    from distsnn.liquid.evaluation import liquid_of
    from distsnn.liquid.one_recording import draw_one

    title = f"{example.item.path.name}: class {example.item.label}"
    settings = settings_for(argparse.Namespace(), saved.chip, saved.neurons_per_core)
    path = draw_one(
        liquid_of(saved), saved.preset, example.stimulus, settings, SerialComm(), title,
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


VERBS = {"train": _train, "eval": _eval, "show": _show, "measure": _measure}

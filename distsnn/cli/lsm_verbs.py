"""The verbs of ``distsnn lsm``: ``train`` (see ``lsm_train``), ``eval``, ``show`` and ``measure``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from distsnn.checks import whole
from distsnn.cli.checks import on_first_rank
from distsnn.cli.lsm_options import (
    chosen_liquid,
    chosen_per_core,
    chosen_preset,
    chosen_samples,
    progress_of,
    require_fabric_and_replicas,
    settings_for,
)
from distsnn.cli.lsm_outputs import PICTURES_OF_RUN, draw_run, print_pictures, write_json
from distsnn.cli.lsm_train import train
from distsnn.errors import UsageError

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.liquid.saved.folder import SavedRun
    from distsnn.outputs import Delivery

MAX_CHANNELS_MEASURED = 4096  # one random number per channel and step is in memory at once


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
    from distsnn.liquid.inputs.encoding import encode_all

    require_fabric_and_replicas(options.fabric, options.replicas, comm)
    chip = options.chip or saved.chip
    chosen_per_core(options, chip)
    samples = chosen_samples(options, 1)
    saved.require_kind(samples)
    shown = progress_of(options, comm)
    stimuli = encode_all(saved.encoder, [item.path for item in samples.items], comm, shown)
    settings = settings_for(chip, options.neurons_per_core, options.fabric)
    evaluation = evaluate(
        saved, samples, stimuli, settings, comm,
        replicas=options.replicas, progress=shown,
    )  # fmt: skip

    def finish() -> None:
        from distsnn.liquid.pictures import draw_confusion
        from distsnn.liquid.text import evaluation_report, print_evaluation

        if evaluation is None:
            return
        report = evaluation_report(evaluation, saved.classes, saved.preset.dt_ms)
        write_json(report, options.json, delivery)
        if not options.quiet:
            print_evaluation(report)
            if options.data is None:
                print("These are the sample recordings: the run may have been trained on them.")
        if not options.no_pictures:
            path = options.run / "eval_confusion.png"
            draw_confusion(evaluation.confusion, saved.classes, delivery.place(path))
        delivery.commit()
        if not options.no_pictures:
            print_pictures([path], options.quiet)

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
            paths = draw_run(saved, options.run, delivery)
            delivery.commit()
            print_pictures(paths, False)

        on_first_rank(comm, finish)


def _measure(options: argparse.Namespace, comm: Comm) -> None:
    from distsnn.outputs import MEASURES, Inputs, delivered

    inputs = Inputs([options.chip])
    with delivered(comm, folder=options.out, kind=MEASURES, inputs=inputs) as delivery:
        _measure_into(options, comm, delivery)


def _measure_into(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.liquid.measures.everything import measure_all

    require_fabric_and_replicas(options.fabric, 1, comm)
    whole("channels", options.channels, 1, MAX_CHANNELS_MEASURED, error=UsageError)
    preset = chosen_preset(options, "sounds")
    if preset.wiring.spread_pixels is not None:
        preset = replace(preset, wiring=replace(preset.wiring, spread_pixels=None))
    liquid = chosen_liquid(options, preset, options.channels, None)
    chip = options.chip or "loihi"
    settings = settings_for(chip, options.neurons_per_core, options.fabric)
    measured = measure_all(liquid, settings, comm, options.quick)

    def finish() -> None:
        from distsnn.liquid.pictures import draw_measures
        from distsnn.liquid.text import print_measures

        if measured is None:
            return
        write_json(measured, options.out / "measures.json", delivery)
        if not options.quiet:
            print_measures(measured)
        picture = options.out / "measures.png"
        if not options.no_pictures:
            draw_measures(measured, delivery.place(picture))
        delivery.commit()
        if not options.no_pictures:
            print_pictures([picture], options.quiet)

    on_first_rank(comm, finish)


VERBS = {"train": train, "eval": _eval, "show": _show, "measure": _measure}

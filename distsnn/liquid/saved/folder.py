"""A trained liquid on disk: ``run.json`` describes it, ``readouts.npz`` has its weights.

``run.json`` has the SHA-256 of the content of both files. A folder with changed files, or with files
of several runs, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT64, must_be, number, regular_file
from distsnn.errors import DistsnnError, InputFileError
from distsnn.liquid.classify.readout import Readout
from distsnn.liquid.classify.training import Training
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder
from distsnn.liquid.parameters import Preset, ReadoutTimes
from distsnn.liquid.saved.arrays import Form, digest_of, read_arrays
from distsnn.liquid.saved.schema import (
    PARTS,
    READOUTS,
    RUN,
    VERSION,
    checked,
    encoder_of,
    keys_of,
    part_of,
    preset_of,
    report_of,
)
from distsnn.outputs import (
    LSM,
    OutputFolder,
    finish_interrupted,
    json_bytes,
    npz_bytes,
    write_file,
)

MAX_TEXT_BYTES = 1 << 26  # of run.json
MAX_PLAYED = 1 << 24  # recordings whose digests are stored
TRAINED = ("trained.stimuli", "trained.spikes")


@dataclass(frozen=True)
class SavedReadout:
    """A read-out, its read-out times and its regularisation, per copy if there were copies."""

    readout: Readout
    times: ReadoutTimes
    alpha: float


@dataclass(frozen=True)
class SavedRun:
    """Result of ``lsm train`` on disk. about: the report of the training, as it is in the file.

    trained_on: uint64 [2, recordings], digests of the stimuli of the training and of the liquid's
    spikes in response.
    """

    kind: str
    classes: tuple[str, ...]
    encoder: SoundEncoder | EventEncoder
    preset: Preset
    seed: int
    chip: str
    neurons_per_core: int
    readouts: dict[str, SavedReadout]
    about: dict[str, Any]
    trained_on: np.ndarray

    def require_kind(self, samples: Samples) -> None:
        """Raise InputFileError unless recordings are of the kind that the run was trained on."""
        if samples.kind != self.kind:
            raise InputFileError(
                f"{samples.items[0].path.parent}: must be {self.kind}, as in the training, got "
                f"{samples.kind}. Give recordings of that kind."
            )


def run_of(
    training: Training,
    report: dict[str, Any],
    kind: str,
    encoder: SoundEncoder | EventEncoder,
    preset: Preset,
    seed: int,
    chip: str,
    neurons_per_core: int,
) -> SavedRun:
    """Return what is saved of a training."""
    trained = {"liquid": training.liquid, "without_liquid": training.without_liquid}
    if training.without_recurrence is not None:
        trained["without_recurrence"] = training.without_recurrence
    readouts = {
        name: SavedReadout(kept.readout, kept.times, kept.alpha) for name, kept in trained.items()
    }
    return SavedRun(
        kind, training.classes, encoder, preset, seed, chip, neurons_per_core, readouts, report,
        training.trained_on,
    )  # fmt: skip


def arrays_of(run: SavedRun) -> dict[str, np.ndarray]:
    """Return the arrays of readouts.npz."""
    arrays = dict(zip(TRAINED, run.trained_on, strict=True))
    for name, saved in run.readouts.items():
        arrays[f"{name}.weights"] = saved.readout.weights
        arrays[f"{name}.bias"] = saved.readout.bias
    return arrays


def description_of(run: SavedRun, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the content of run.json; ``digest`` is that of all other entries and of the arrays."""
    text: dict[str, Any] = {
        "version": VERSION,
        "kind": run.kind,
        "classes": list(run.classes),
        "encoder": asdict(run.encoder),
        "preset": asdict(run.preset),
        "seed": run.seed,
        "chip": run.chip,
        "neurons_per_core": run.neurons_per_core,
        "readouts": {
            name: {"times": asdict(saved.times), "alpha": saved.alpha}
            for name, saved in run.readouts.items()
        },
        "training": run.about,
    }
    return {**text, "digest": digest_of(text, arrays)}


def save_run(folder: Path, run: SavedRun) -> None:
    """Write a run into a folder, in place of an older one. Raises OutputFileError."""
    place = OutputFolder(folder, LSM)
    try:
        write_run_files(run, place.place)
        place.commit()
    finally:
        place.close()


def write_run_files(run: SavedRun, place: Callable[[str], Path]) -> None:
    """Write readouts.npz and run.json. Raises OutputFileError.

    place: returns the path to write to for the name of a file.
    """
    arrays = arrays_of(run)
    write_file(place("readouts.npz"), npz_bytes(arrays))
    write_file(place("run.json"), json_bytes(description_of(run, arrays)))


def load_run(folder: Path) -> SavedRun:
    """Return a run. Raises InputFileError if there is none, or if a file was changed or damaged."""
    finish_interrupted(folder)
    path = folder / "run.json"
    try:
        regular_file(f"{path}", str(path), MAX_TEXT_BYTES)
        text = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
        return _run_of(text, folder)
    except OSError as error:
        raise InputFileError(
            f"{folder}: must be a folder that train wrote, got one without a trained liquid "
            f"({error.strerror or error}). Train one: distsnn lsm train DATA --out RUN."
        ) from error
    except DistsnnError as error:
        raise InputFileError(f"run {folder}: {error}") from error
    except Exception as error:  # decoders of damaged files raise exceptions of many types
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputFileError(
            f"{folder}: must be a whole run of a liquid, got a damaged one ({reason}). Train it again."
        ) from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"run.json has the number {name}")


def _run_of(text: Any, folder: Path) -> SavedRun:
    entries = _entries_of(text)
    values = checked("run.json", {name: entries[name] for name in RUN}, RUN)
    encoder = encoder_of("run.json: encoder", entries["encoder"], values["kind"])
    preset = preset_of("run.json: preset", entries["preset"])
    about = report_of("run.json: training", entries["training"], values["classes"])
    times = _times_of("run.json: readouts", entries["readouts"], preset)
    n_classes = len(values["classes"])
    # Expected arrays: -1 is the number of recordings of the training.
    forms: dict[str, Form] = dict.fromkeys(TRAINED, ("<u8", (-1,)))
    for name, (own, _) in times.items():
        n = encoder.n_channels if name == "without_liquid" else preset.column.n_neurons
        forms[f"{name}.weights"] = ("<f4", (own.n * n, n_classes))
        forms[f"{name}.bias"] = ("<f8", (n_classes,))
    arrays = read_arrays(folder / "readouts.npz", forms, MAX_PLAYED)
    # Both files belong together: one digest over the description and all arrays.
    digest = digest_of(entries, arrays)
    if digest != values["digest"]:
        raise InputFileError(
            f"run.json: must have the digest of the folder, {digest}, got {values['digest'][:64]}. "
            "Files were changed, or are of several runs: train it again."
        )
    readouts = {
        name: SavedReadout(Readout(arrays[f"{name}.weights"], arrays[f"{name}.bias"]), own, alpha)
        for name, (own, alpha) in times.items()
    }
    return SavedRun(
        values["kind"], values["classes"], encoder, preset, values["seed"], values["chip"],
        values["neurons_per_core"], readouts, about, np.stack([arrays[name] for name in TRAINED]),
    )  # fmt: skip


def _entries_of(text: Any) -> dict[str, Any]:
    """Return the entries of run.json. Raises InputFileError for another version or other keys."""
    version = text.get("version") if isinstance(text, dict) else None
    if version is not None and version != VERSION:
        raise InputFileError(must_be("run.json: version", f"{VERSION}", version, "Train it again."))
    return keys_of("run.json", text, {*RUN, *PARTS})


def _times_of(thing: str, value: Any, preset: Preset) -> dict[str, tuple[ReadoutTimes, float]]:
    """Return the read-out times and the regularisation of each read-out."""
    if not isinstance(value, dict) or "liquid" not in value or not value.keys() <= set(READOUTS):
        raise InputFileError(
            f"{thing}: must be of {', '.join(READOUTS)}, got others. Train it again."
        )
    by_name = {}
    for name, saved in value.items():
        saved = keys_of(f"{thing}: {name}", saved, {"times", "alpha"})
        times = part_of(f"{thing}: {name}: times", saved["times"], ReadoutTimes)
        alpha = number(
            f"{thing}: {name}: alpha", saved["alpha"], high=MAX_FLOAT64, above=0.0,
            error=InputFileError,
        )  # fmt: skip
        if name != "without_liquid" and times != preset.times:
            raise InputFileError(
                f"{thing}: {name}: times must be those of the preset, got others. Train it again."
            )
        by_name[name] = (times, alpha)
    return by_name

"""Every reader, fed with damaged files: a result or one line that names the file, at once.

Each reader gets the same damages in every run, at most ``DISTSNN_FUZZ_SECONDS`` long (default 0.5).
For a long search: ``DISTSNN_FUZZ_SECONDS=300 DISTSNN_FUZZ_SEED=1000000 pytest
tests/input_files/test_mutations.py -k aedat4``. A failure tells the number of the damage.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path

import pytest
from file_mutations import mutations
from file_samples import SAMPLES
from file_scan import readers_of_files
from PIL import Image

from distsnn.errors import DistsnnError
from distsnn.events.formats import FORMATS, format_of
from distsnn.input_files.pictures import FORMATS as PICTURE_FORMATS
from distsnn.input_files.pictures import PICTURES

SECONDS = float(os.environ.get("DISTSNN_FUZZ_SECONDS", "0.5"))
SEED = int(os.environ.get("DISTSNN_FUZZ_SEED", "0"))
MAX_READ_S = 20  # of one small file
MIN_DAMAGES = 20  # that are tried on a machine however slow
ROOM = 200 * 2**20

# Modules that read other things, and who tries them with damaged input.
ELSEWHERE = {
    "chip/reading": "tests/chip", "traffic/matrix_file": "tests/traffic",
    "liquid/saved/folder": "tests/liquid", "liquid/inputs/sound": "tests/liquid",
    "liquid/saved/arrays": "tests/liquid", "kernels/compile/file_modules": "tests/neurons",
    "kernels/compile/library": "tests/kernels", "kernels/compile/cache": "tests/kernels",
    "kernels/compile/object_file": "tests/kernels", "outputs/folder": "tests/outputs",
    "outputs/kinds": "tests/outputs", "outputs/locks": "tests/outputs",
    **{f"sonata/{name}": "tests/sonata"
       for name in ("config", "edges", "inputs", "models", "nodes", "own", "tables")},
}  # fmt: skip
# Modules that open nothing that a user gives: tables of the system, messages of other ranks, what
# the same process has written before.
OWN = {
    "comm/agreement", "comm/launch/environment", "comm/ending/processes", "comm/shared/memory",
    "comm/launch/startup",
    "core/recording/collect", "core/memory_estimate", "input_files/limits",
    "kernels/loop/ticks", "liquid/respond",
    "outputs/content", "outputs/files", "report/screen", "running/display/terminal",
}  # fmt: skip


class TooSlow(BaseException):
    """A read that does not end; no reader catches it."""


def give_up(*_: object) -> None:
    raise TooSlow


def refusal(sample, path: Path) -> str:
    """Return the line with which a file is refused, "" where it is read."""
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(MAX_READ_S)
    try:
        sample.read(path)
    except DistsnnError as error:
        return str(error)
    finally:
        signal.alarm(0)
    return ""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_whole_files_are_read(sample, tmp_path):
    path = tmp_path / sample.name
    path.write_bytes(sample.content())
    assert refusal(sample, path) == ""


@pytest.mark.timeout(60 + 2 * SECONDS)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_damaged_files(sample, tmp_path):
    path = tmp_path / sample.name
    content = sample.content()
    path.write_bytes(content)
    refusal(sample, path)  # imports and kernels
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    end, n_refused = time.monotonic() + SECONDS, 0
    for number, damaged in enumerate(mutations(content, SEED)):
        if number >= MIN_DAMAGES and time.monotonic() > end:
            break
        path.write_bytes(damaged)
        try:
            line = refusal(sample, path)
        except BaseException as error:
            pytest.fail(f"damage {number} of {sample.name}: {type(error).__name__} {error}")
        n_refused += bool(line)
        is_named = sample.name in line or str(path.parent) in line
        assert not line or (is_named and line.isprintable()), (number, line)
    assert n_refused >= 3
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < ROOM + 10 * len(content)


def test_every_module_that_reads_files_is_tried():
    """A new reader belongs into ``SAMPLES``, or into one of the lists above with its own test."""
    here = {module for sample in SAMPLES for module in sample.modules}
    found = set(readers_of_files())
    assert found - here - set(ELSEWHERE) - OWN == set()
    assert here <= found, "modules in SAMPLES that read no files"
    for tests in ELSEWHERE.values():
        assert (Path(__file__).parents[2] / tests).is_dir()


def test_every_format_is_tried(tmp_path):
    """The formats of recordings and of pictures are lists of the package; each has a sample."""
    recordings = set()
    for sample in SAMPLES:
        if "events/formats" in sample.modules:
            path = tmp_path / sample.name
            path.write_bytes(sample.content())
            recordings.add(format_of(path))
    assert recordings == set(FORMATS)
    # A sample of each kind of picture is known by the ending of its name.
    endings = {Path(sample.name).suffix for sample in SAMPLES} & set(PICTURES)
    assert {Image.registered_extensions()[ending] for ending in endings} == set(PICTURE_FORMATS)

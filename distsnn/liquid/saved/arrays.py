"""The arrays of a trained liquid on disk, read with checked shapes, and their digest."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import regular_file

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
MAX_HEADER_BYTES = 1 << 10
Form = tuple[str, tuple[int, ...]]  # dtype and shape; -1 in a shape stands for any number


def read_arrays(path: Path, forms: Mapping[str, Form], max_any: int) -> dict[str, np.ndarray]:
    """Return the arrays of a file that holds exactly those named in ``forms``.

    max_any: the largest size that a -1 stands for. Takes no more memory than ``forms`` allows. Raises
    OSError, ValueError and what decoders of damaged files raise.
    """
    # Sizes are checked before anything is unpacked: a small file may hold a huge array.
    n_bytes = {name: _max_bytes(form, max_any) for name, form in forms.items()}
    max_bytes = sum(n_bytes.values()) + 4 * MAX_HEADER_BYTES * (1 + len(forms))
    regular_file(f"{path}", str(path), max_bytes)
    with zipfile.ZipFile(path) as file:
        members = {entry.filename.removesuffix(".npy"): entry for entry in file.infolist()}
        if members.keys() != forms.keys():
            raise ValueError(f"{path.name} holds {', '.join(members)[:200] or 'nothing'}")
        arrays = {}
        for name, form in forms.items():
            if members[name].file_size > n_bytes[name] + MAX_HEADER_BYTES:
                raise ValueError(f"{path.name}: {name} is too large")
            arrays[name] = _array(name, file.read(members[name]), form)
    return arrays


def _max_bytes(form: Form, max_any: int) -> int:
    n = math.prod(max_any if size < 0 else size for size in form[1])
    return n * np.dtype(form[0]).itemsize


def _array(name: str, content: bytes, form: Form) -> np.ndarray:
    """Return the array of a .npy file, finite if it is of floats."""
    file = io.BytesIO(content)
    # Header only: magic, version, then dtype and shape; no pickled objects.
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"{name} is of version {version}")
    shape, is_fortran, dtype = HEADERS[version](file)
    wanted, sizes = form
    is_of_form = len(shape) == len(sizes) and all(
        size in (-1, got) for size, got in zip(sizes, shape, strict=True)
    )
    if dtype != np.dtype(wanted) or not is_of_form or is_fortran:
        raise ValueError(f"{name} is {dtype} {shape} and should be {wanted} {sizes}")
    values = np.frombuffer(content[file.tell() :], dtype=dtype)
    if values.size != math.prod(shape):
        raise ValueError(f"{name} has {values.size} of {math.prod(shape)} numbers")
    if dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{name} has numbers that are not finite")
    return values.reshape(shape)


def digest_of(text: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of a whole run: its description without ``digest``, and its arrays.

    Raises ValueError for numbers that are not finite.
    """
    rest = {name: value for name, value in text.items() if name != "digest"}
    # Canonical form: sorted keys, no spaces.
    plain = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    digest = hashlib.sha256(plain.encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"\n{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()

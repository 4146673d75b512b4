"""Which modules of the package take in files: found by reading their source."""

from __future__ import annotations

import ast
from pathlib import Path

import distsnn

PACKAGE = Path(distsnn.__file__).parent
# Calls by their last two names, or the last one where the object is a variable.
CALLS = {
    "open", "read_bytes", "read_text", "fromfile", "loadtxt", "genfromtxt", "memmap", "mmap",
    "read_array", "Unpickler",
    "np.load", "numpy.load", "h5py.File", "zipfile.ZipFile", "tarfile.TarFile", "wave.open",
    "image.imread", "Image.open", "pickle.load", "pickle.loads", "json.load", "json.loads",
    "tomllib.load", "tomllib.loads", "csv.reader", "ElementTree.parse", "ElementTree.fromstring",
}  # fmt: skip
# What the room of files offers; whoever imports it reads files.
OFFERED = {
    "read_bytes", "gunzipped", "read_text", "read_json", "read_toml", "read_npy", "read_npz",
    "open_npz", "open_hdf5", "decode_picture", "read_nmnist_arrays",
}  # fmt: skip


def is_written(call: ast.Call) -> bool:
    """Return whether a call of ``open`` only writes."""
    names = [*call.args[1:2], *(key.value for key in call.keywords if key.arg == "mode")]
    if isinstance(call.func, ast.Attribute):
        names += call.args[:1]
    modes = [node.value for node in names if isinstance(node, ast.Constant)]
    return any(isinstance(mode, str) and set("wax") & set(mode[:2]) for mode in modes)


def reads_files(source: str) -> set[str]:
    """Return the calls and imports of a module's source by which it takes in files."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "distsnn.input_files"
        ):
            found |= {alias.name for alias in node.names} & OFFERED
        if not isinstance(node, ast.Call) or is_written(node):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in CALLS:
            found.add(node.func.id)
        if isinstance(node.func, ast.Attribute):
            before = node.func.value
            last = getattr(before, "attr", getattr(before, "id", ""))
            found |= {node.func.attr, f"{last}.{node.func.attr}"} & CALLS
    return found


def readers_of_files() -> dict[str, set[str]]:
    """Return the modules that take in files, and by which calls."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        calls = reads_files(path.read_text())
        if calls:
            found[str(path.relative_to(PACKAGE).with_suffix(""))] = calls
    return found

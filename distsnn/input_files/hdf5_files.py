"""HDF5 data: only data in the file itself, and only as much as its stored bytes can unpack to.

External links and external raw storage would turn any readable file into data. A chunk that was
never stored reads as zeros, so that a header alone could demand any amount of memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.input_files.hdf5_heaps import require_sound_heaps
from distsnn.input_files.limits import (
    ROOM,
    bounded_memory,
    decoding,
    max_file_bytes,
    refused,
    size_of,
)

MAX_DEFLATE = 1032  # the largest compression ratio of gzip
MAX_GROUPS_DEEP = 16
MAX_TEXTS, MAX_TEXT = 1 << 20, 1 << 12  # texts in a dataset, characters in one of them
COPIES = 4  # of the data in memory, while types are converted


class Hdf5:
    """An open HDF5 file."""

    def __init__(self, path: str | Path, root: Any, size: int) -> None:
        self._path, self._root, self._size = path, root, size
        self._left = _most_unpacked(size)
        self._in_parts: set[str] = set()  # datasets of which some rows were read
        self._has_sound_heaps = False

    def names(self, group: str = "/") -> list[str]:
        """Return the names in a group."""
        with decoding(self._path, "an HDF5 file"):
            names = _names(self._group(group), self._size)
            if not all(isinstance(name, str) for name in names):
                raise ValueError("names that are not text")
            return names

    def has_group(self, group: str) -> bool:
        """Return whether the file has a group."""
        import h5py

        with decoding(self._path, "an HDF5 file"):
            return isinstance(self._item_at(group), h5py.Group)

    def has(self, group: str, name: str) -> bool:
        """Return whether a group has a dataset of that name."""
        import h5py

        with decoding(self._path, "an HDF5 file"):
            return isinstance(self._item_at(f"{group}/{name}"), h5py.Dataset)

    def has_text(self, group: str, name: str) -> bool:
        """Return whether a group has a dataset of text of that name."""
        import h5py

        with decoding(self._path, "an HDF5 file"):
            data = self._item_at(f"{group}/{name}")
            is_data = isinstance(data, h5py.Dataset)
            return is_data and h5py.check_string_dtype(data.dtype) is not None

    def length(self, group: str, name: str) -> int:
        """Return the number of rows of a dataset, 0 for none and for a single number."""
        import h5py

        with decoding(self._path, "an HDF5 file"):
            data = self._item_at(f"{group}/{name}")
            has_rows = isinstance(data, h5py.Dataset) and bool(data.shape)
            return int(data.shape[0]) if has_rows else 0

    def numbers(
        self,
        group: str,
        name: str,
        n_dims: int | None = None,
        is_finite: bool = True,
        rows: slice | None = None,
    ) -> np.ndarray:
        """Return a dataset of numbers, finite ones unless ``is_finite`` is False.

        n_dims: None takes any number of dimensions, a single number included. rows: which of its rows,
        None for all. Raises InputFileError.
        """
        import h5py

        place = f"{group}/{name}".strip("/")
        with decoding(self._path, "an HDF5 file"):
            data = self._item_at(f"{group}/{name}")
            if not isinstance(data, h5py.Dataset):
                limit = f"a file with a dataset {place}"
                known = _listed(self._group(group), self._size)
                raise refused(self._path, limit, known, "Rename or add it.")
            is_numeric = data.dtype.kind in "iuf" and data.dtype.itemsize <= 8
            n_own_dims = -1 if data.shape is None else len(data.shape)
            if not is_numeric or n_own_dims < 0 or n_dims not in (None, n_own_dims):
                got = f"{data.dtype} of shape {data.shape}"
                wanted = f"numbers{_in_dimensions(n_dims)}"
                raise refused(self._path, f"a file with {wanted} at {place}", got, "Write it so.")
            self._require_own(data, place, rows is not None)
            values = np.asarray(data[() if rows is None else rows])
        if is_finite and values.dtype.kind == "f" and not np.isfinite(values).all():
            limit = f"a file of finite numbers at {place}"
            raise refused(self._path, limit, "others", "Correct them.")
        return values

    def texts(self, group: str, name: str, n_dims: int) -> np.ndarray:
        """Return a dataset of texts in UTF-8, an array of str. Raises InputFileError."""
        import h5py

        place = f"{group}/{name}".strip("/")
        with decoding(self._path, "an HDF5 file"):
            data = self._item_at(f"{group}/{name}")
            is_text = isinstance(data, h5py.Dataset) and h5py.check_string_dtype(data.dtype)
            if not is_text or data.shape is None or len(data.shape) != n_dims:
                is_data = isinstance(data, h5py.Dataset)
                got = f"{data.dtype} of shape {data.shape}" if is_data else "no data"
                limit = f"a file with text{_in_dimensions(n_dims)} at {place}"
                raise refused(self._path, limit, got, "Write it so.")
            # Text has no size of its own: it is kept apart from the dataset.
            if data.size > MAX_TEXTS:
                limit = f"a file of at most {MAX_TEXTS} texts at {place}"
                raise refused(self._path, limit, data.size, "Split it.")
            self._require_own(data, place)
            self._require_sound_heaps()
            # Texts may share their bytes in the file, so that few bytes make many long ones.
            stored = np.asarray(data.asstr()[()], dtype=object)
            lengths = [len(text) for text in stored.ravel()]
            if max(lengths, default=0) > MAX_TEXT:
                limit = f"a file of texts of at most {MAX_TEXT} characters at {place}"
                raise refused(self._path, limit, max(lengths), "Shorten them.")
            return stored.astype(str)

    def values(self, group: str, name: str, rows: slice | None = None) -> np.ndarray:
        """Return a dataset of numbers, or one of texts as text in one dimension; rows: as above."""
        import h5py

        with decoding(self._path, "an HDF5 file"):
            data = self._item_at(f"{group}/{name}")
            is_text = isinstance(data, h5py.Dataset) and h5py.check_string_dtype(data.dtype)
            if not is_text:
                return self.numbers(group, name, is_finite=False, rows=rows)
            self._require_own(data, f"{group}/{name}".strip("/"), rows is not None)
            self._require_sound_heaps()
            stored = data.asstr()[() if rows is None else rows]
            return np.array([str(text) for text in np.ravel(stored)], dtype=str)

    def has_attribute(self, place: str, name: str) -> bool:
        """Return whether a dataset or a group has an attribute of that name."""
        with decoding(self._path, "an HDF5 file"):
            item = self._item_at(place)
            return item is not None and name in item.attrs

    def attribute(self, place: str, name: str) -> str:
        """Return an attribute of a dataset or a group as text. Raises InputFileError."""
        with decoding(self._path, "an HDF5 file"):
            item = self._item_at(place)
            value = None if item is None else item.attrs.get(name)
            if isinstance(value, bytes):
                value = value.decode()
            if not isinstance(value, str):
                limit = f"a file with a text as attribute {name} of {place}"
                raise refused(self._path, limit, value, "Add it.")
            return value

    def _require_sound_heaps(self) -> None:
        if not self._has_sound_heaps:
            require_sound_heaps(self._path)
            self._has_sound_heaps = True

    def _require_own(self, data: Any, place: str, in_parts: bool = False) -> None:
        """Raise InputFileError unless the data are stored in this file, in enough bytes.

        in_parts: the data are read in several parts, which together count once.
        """
        if in_parts and place in self._in_parts:
            return
        if data.external or data.is_virtual:
            limit = f"a file that holds {place} itself"
            raise refused(self._path, limit, "data of another file", "Copy them with h5repack.")
        size = data.dtype.itemsize
        own, stored = math.prod(data.shape) * size, data.id.get_storage_size()
        # A chunk is always unpacked as a whole.
        n_bytes = own + (math.prod(data.chunks) * size if data.chunks else 0)
        # A dataset without filters is stored as it is; with one, gzip packs at most MAX_DEFLATE to 1.
        is_packed = data.id.get_create_plist().get_nfilters() > 0
        if stored * (MAX_DEFLATE if is_packed else 1) < own:
            limit = f"a file that stores {place} whole"
            got = f"{stored} bytes for {own}"
            raise refused(self._path, limit, got, "Write it again.")
        if n_bytes > self._left:
            limit = f"a file whose data unpack to at most {self._left} bytes here"
            raise refused(self._path, limit, n_bytes, "Split it, or use a larger machine.")
        self._left -= own
        if in_parts:
            self._in_parts.add(place)

    def _group(self, group: str) -> Any:
        import h5py

        item = self._item_at(group)
        if not isinstance(item, h5py.Group):
            known = _listed(self._root, self._size)
            limit = f"a file with a group {group!r}"
            raise refused(self._path, limit, known, "Name one that it has.")
        return item

    def _item_at(self, place: str) -> Any:
        """Return the object at a path, None if there is none. Raises InputFileError for links."""
        import h5py

        item = self._root
        parts = [part for part in place.split("/") if part]
        if len(parts) > MAX_GROUPS_DEEP:
            return None
        for part in parts:
            link = item.get(part, getlink=True) if isinstance(item, h5py.Group) else None
            if link is None:
                return None
            if not isinstance(link, h5py.HardLink):
                limit = f"a file that holds {place.strip('/')} itself"
                raise refused(self._path, limit, "a link", "Copy it with h5repack.")
            item = item[part]
        return item


def _names(group: Any, size: int) -> list[Any]:
    """Return the names in a group of a file of ``size`` bytes, as h5py does.

    A damaged group may be circular, so at most as many names are read as the file has bytes.
    """
    import h5py

    names: list[Any] = []

    def keep(name: bytes) -> bool | None:
        names.append(group._d(name))
        return True if len(names) > size else None  # any value other than None stops h5py

    is_in_order = group.id.get_create_plist().get_link_creation_order()
    is_in_order &= h5py.h5p.CRT_ORDER_TRACKED
    # Names in the order of creation if the file keeps it, else sorted.
    order = h5py.h5.INDEX_CRT_ORDER if is_in_order else h5py.h5.INDEX_NAME
    group.id.links.iterate(keep, idx_type=order)
    if len(names) > size:
        raise ValueError("a group without end")
    return names


def _listed(group: Any, size: int) -> str:
    """Return the names in a group as text; h5py gives bytes for names that are not UTF-8."""
    return ", ".join(map(str, _names(group, size))) or "none"


def _in_dimensions(n_dims: int | None) -> str:
    return "" if n_dims is None else f" in {n_dims} dimension{'s' if n_dims != 1 else ''}"


@contextmanager
def open_hdf5(path: str | Path) -> Iterator[Hdf5]:
    """Open an HDF5 file. Raises InputFileError."""
    import h5py

    size = size_of(path)
    # The unpacked data and copies of it; tables of a damaged file could be of any size.
    with bounded_memory(ROOM + COPIES * (_most_unpacked(size) - ROOM)):
        with decoding(path, "an HDF5 file", "Name one that is whole."):
            file = h5py.File(path, "r")
        with file:
            yield Hdf5(path, file, size)


def _most_unpacked(size: int) -> int:
    """Return the most bytes that a file of ``size`` bytes may unpack to.

    Spikes of a synchronous network pack several hundred to one, so the size of the file says little,
    and the memory of the machine is the limit.
    """
    return min(max_file_bytes(), ROOM + MAX_DEFLATE * size)

"""How the package is built stays within limits; ``known.json`` has what is beyond them, and shrinks."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from structure.measure import FEW_COMMENTS, MEASURES, known, measure
from structure.package_sources import sources
from structure.sizes import MAX_FILES, MAX_PARAMETERS, ONE_EACH, RECORDS

TESTS = Path(__file__).parents[1]
TODAY = measure()
KNOWN = known()


def is_worse(name: str, value: float, known_value: float) -> bool:
    return value < known_value if name == FEW_COMMENTS else value > known_value


@pytest.mark.parametrize("name", MEASURES)
def test_nothing_new_is_beyond_a_limit(name):
    exceptions = KNOWN.get(name, {})
    new = {key: value for key, value in TODAY[name].items() if key not in exceptions}
    grown = {
        key: f"{exceptions[key]:g} -> {value:g}"
        for key, value in TODAY[name].items()
        if key in exceptions and is_worse(name, value, exceptions[key])
    }
    assert not new, f"{name}: {new}"
    assert not grown, f"{name}: {grown}"


@pytest.mark.parametrize("name", MEASURES)
def test_every_exception_is_needed(name):
    """One that is too generous is lowered by ``python tests/structure/measure.py --shrink``."""
    spare = {
        key: f"{value:g} -> {TODAY[name].get(key, 0):g}"
        for key, value in KNOWN.get(name, {}).items()
        if TODAY[name].get(key) != value
    }
    assert not spare, f"{name}: {spare}"


def test_exceptions_are_of_what_is_measured():
    assert set(KNOWN) <= set(MEASURES)


def test_every_record_is_a_wide_dataclass():
    """The list of records names nothing that is gone or small."""
    text = {file.room: "" for file in sources()}
    for file in sources():
        text[file.room] += file.text
    for room, names in RECORDS.items():
        for name in names:
            head, found, _ = text[room].partition(f"\nclass {name}")
            assert found, f"{room}: {name} is gone"
            assert head.rpartition("\n")[2].startswith("@dataclass"), f"{room}: {name}"


FOLDERS = sorted({path.parent for path in TESTS.rglob("*.py")})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_folders_of_tests_hold_few_files(folder):
    n = sum(path.name != "conftest.py" for path in folder.glob("*.py"))
    assert n <= MAX_FILES or folder.name in ONE_EACH


def test_modules_of_tests_have_different_names():
    """The folders of tests are no packages: of two modules with one name, only one is imported."""
    names = Counter(
        path.name
        for path in TESTS.rglob("*.py")
        if path.name not in ("conftest.py", "__init__.py")
        and path.parent.name not in ("reference", "mutations", "public_calls")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_what_the_fast_lane_leaves_out_exists():
    text = (TESTS / "conftest.py").read_text()
    names = ast.literal_eval(text.partition("LONG = ")[2].partition("\n)")[0] + ")")
    assert [name for name in names if not (TESTS / name).exists()] == []


# --- the measures themselves ------------------------------------------------------------------------


def package_of(folder: Path, files: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return the measures of a package with these files."""
    root = folder / "small"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return measure(root)


def test_sizes(tmp_path):
    body = "    x = 1\n"
    many = {f"core/file_{k}.py": "# one\n" for k in range(MAX_FILES + 1)}
    found = package_of(
        tmp_path,
        {
            **many,
            "core/__init__.py": "",
            "long.py": "def short():\n" + body * 39 + "\n\ndef long():\n" + body * 40,
            "kernels/long.py": "def fits():\n" + body * 59 + "\n\ndef beyond():\n" + body * 60,
            "lines.py": "# one\n" * 301,
        },
    )
    assert found["folders with too many files"] == {"core": MAX_FILES + 1}
    assert found["files with too many lines"] == {"lines.py": 301}
    assert found["functions with too many lines"] == {".:long": 41, "kernels:beyond": 61}


def test_constructors(tmp_path):
    arguments = ", ".join(f"a{k}" for k in range(MAX_PARAMETERS + 1))
    fields = "".join(f"    a{k}: int\n" for k in range(MAX_PARAMETERS))
    found = package_of(
        tmp_path,
        {
            "core/rank.py": f"class Wide:\n    def __init__(self, {arguments}):\n        pass\n\n\n"
            f"@dataclass\nclass Seven:\n{fields}    b: ClassVar[int] = 1\n\n\n"
            f"@dataclass(frozen=True)\nclass Eight:\n{fields}    b: int = 1\n",
            "neurons/lif.py": f"@dataclass\nclass Lif:\n{fields}    b: int = 1\n",
        },
    )
    assert found["constructors with too many parameters"] == {"core:Eight": 8, "core:Wide": 8}


def test_words_and_feelers(tmp_path):
    found = package_of(
        tmp_path,
        {
            "a/__init__.py": "import os\n\n\ndef work():\n    return os\n",
            "a/b.py": "# a comment\nMOST_OF_ALL = 1\nx = 'is 3, limit 2.'\n",
            "a/c.py": "x = getattr(y, 'z', None)\nw = getattr(y, 'z')\nv = hasattr(y, 'z')\n",
            "neurons/lif.py": "def step(c, v):\n    v[0] = c[3] * v[0] + c[k]\n",
        },
    )
    assert found["code in __init__ files"] == {"a/__init__.py": 2}
    assert found["old names of constants"] == {"a:MOST_OF_ALL": 1}
    assert found["old messages"] == {"a": 1}
    assert found["feelers"] == {"a": 2}
    assert found["constants read by number"] == {"neurons": 1}
    assert found[FEW_COMMENTS] == {"neurons": 0.0}


def test_circles(tmp_path):
    found = package_of(
        tmp_path,
        {
            "a/__init__.py": "",
            "a/x.py": "from small.a.y import f\n",
            "a/y.py": "def f():\n    from small.a import z\n",
            "a/z.py": "import small.a.x\n",
            "a/w.py": "from small.a.x import f\nif TYPE_CHECKING:\n    import small.a.v\n",
            "a/v.py": "from small.a.w import f\n",
        },
    )
    assert found["import circles"] == {"small.a.x <-> small.a.y <-> small.a.z": 3}

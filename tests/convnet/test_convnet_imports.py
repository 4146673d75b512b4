"""The contract of imports names every room: a new one is allowed or forbidden, but never forgotten."""

from __future__ import annotations

from pathlib import Path

from distsnn.input_files.whole import tomllib

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "checks", "convnet", "errors", "faces", "input_files", "named_files", "random_streams", "version",
}  # fmt: skip
ALLOWED_IN = {
    "kernels": {"conv", "formats"}, "report": {"tables"}, "core": {"recording"},
    "core/recording": {"mesh_recorder"},
}  # fmt: skip


def modules(folder: Path) -> set[str]:
    """Return the names of the modules and packages in a folder, without those of the package itself."""
    return {
        path.stem
        for path in folder.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem[:2] != "__"
    }


def test_the_contract_names_every_room():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(
        entry for entry in settings["contracts"] if entry["name"].startswith("Convolutional")
    )
    named = {name.removeprefix("distsnn.") for name in contract["forbidden_modules"]}
    rooms = modules(ROOT / "distsnn")
    assert {"core", "network"} <= rooms
    for room in rooms - ALLOWED - ALLOWED_IN.keys():
        assert room in named or f"{room}.*" in named, room
    for room, allowed in ALLOWED_IN.items():
        for part in modules(ROOT / "distsnn" / room) - allowed:
            name = f"{room}.{part}".replace("/", ".")
            assert name in named or f"{name}.*" in named, part

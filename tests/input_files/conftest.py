"""Tests of this folder share modules that lie beside them, and writers of other folders."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "events"), str(HERE.parent / "convnet")]

"""Writes all fixtures anew: `python tests/keras/generate/run.py [name of a generator …]`."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SHARED = {"run", "common", "layer_case", "metric_data", "model_case"}
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
names = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in SHARED)
for name in names:
    subprocess.run([sys.executable, str(FOLDER / f"{name}.py")], check=True, env=ENVIRONMENT)

#!/bin/sh
# Makes the project's own Python environment from a lock with hashes: environment.sh PYTHON VENV LOCK
set -eu
python=$1 venv=$2 lock=$3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "haedap: Python 3.11 or newer is needed; '$python' is $("$python" --version 2>&1 || echo absent). Try: make PYTHON=python3.12" >&2
    exit 1
}
[ -x "$venv/bin/python" ] || {
    echo "haedap: making the environment in $venv (once)" >&2
    "$python" -m venv "$venv"
}
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
# The project's packages are imported from this folder, whatever the working directory is
"$venv/bin/python" - <<'PY'
import sysconfig
from pathlib import Path

Path(sysconfig.get_path("purelib"), "haedap.pth").write_text(f"{Path.cwd()}\n", encoding="utf-8")
PY

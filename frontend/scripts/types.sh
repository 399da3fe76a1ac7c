#!/bin/sh
# Types of the API, from the composed application's own OpenAPI document: `sh scripts/types.sh FILE`.
set -eu
cd "$(dirname "$0")/.."
document=$(mktemp)
trap 'rm -f "$document"' EXIT
python="${PYTHON:-../.venv/bin/python}"
PYTHONPATH=.. "$python" -c 'import json; from functions.local import app; print(json.dumps(app.openapi()))' > "$document"
node_modules/.bin/openapi-typescript "$document" --output "$1" > /dev/null

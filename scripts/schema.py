"""Write the JSON Schema of a bubble, for pages and programs of others, into docs/bubble.schema.json.

python scripts/schema.py            # writes it
python scripts/schema.py --check    # exit code 1 when what is there is not the code's
"""

import argparse
import json
import sys
from pathlib import Path

from shared.models import Bubble

SCHEMA = Path(__file__).parent.parent / "docs" / "bubble.schema.json"


def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    made = json.dumps(Bubble.model_json_schema(), ensure_ascii=False, indent=2) + "\n"
    if not chosen.check:
        SCHEMA.write_text(made, encoding="utf-8")
        return 0
    if SCHEMA.read_text(encoding="utf-8") == made:
        return 0
    print(f"{SCHEMA.name} is not the code's: run scripts/schema.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

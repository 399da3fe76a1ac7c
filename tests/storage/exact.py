"""Telling values apart that Python takes for equal."""

import json


def exactly(value: object) -> str:
    """A text that tells 1 from 1.0 and from true."""
    return json.dumps(value, sort_keys=True)

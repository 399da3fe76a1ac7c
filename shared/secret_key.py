"""The deployment's secret where none was set: made once, and kept in a file."""

import os
import secrets
from pathlib import Path

from shared.errors import StoreUnavailable

_MIN_CHARACTERS = 16


def kept_secret(path: Path) -> str:
    """What the file holds, which is made unless it is there, readable by its owner alone.

    Raises
    ------
    StoreUnavailable
        When it cannot be read or made, or is damaged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.parent / f"secret_key.{os.getpid()}.{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))
        try:
            os.link(draft, path)  # fails when another process was first: then its key is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        made = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreUnavailable(detail=f"{path} cannot be read or made: {error}") from error
    if len(made) < _MIN_CHARACTERS:
        raise StoreUnavailable(detail=f"{path} is damaged: delete it (visitors then lose their sessions)")
    return made

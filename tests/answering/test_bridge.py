"""What a blocking call raises reaches who waits for it, whatever it is."""

import anyio
import pytest

from shared.answering.bridge import in_thread

pytestmark = pytest.mark.anyio


def ended() -> int:
    """As `next` of something empty, by mistake."""
    return next(iter(()))


async def test_a_call_that_ends_in_stop_iteration_is_an_error_and_no_endless_wait() -> None:
    with anyio.fail_after(5), pytest.raises(RuntimeError, match="StopIteration"):
        await in_thread(ended)


async def test_a_result_and_an_error_come_as_they_are() -> None:
    assert await in_thread(int, "7") == 7
    with pytest.raises(ValueError, match="x"):
        await in_thread(int, "x")

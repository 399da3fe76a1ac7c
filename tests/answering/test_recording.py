"""The events of a running answer: numbered once, sent at once, kept until they are saved."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.answering.recording import Recording
from shared.sse import Delta
from tests.app import parse


async def live(recording: Recording) -> str:
    return b"".join([framed async for framed in recording.frames()]).decode()


def test_the_live_stream_has_all_events_and_the_pieces_all_but_the_last() -> None:
    async def record() -> None:
        recording = Recording()
        for text in "가나다":
            recording.add(Delta(text=text))
        pieces = recording.unsaved()
        recording.end(Delta(text="끝"))
        sent = parse(await live(recording))
        assert [(event.id, event.data["text"]) for event in sent] == [(1, "가"), (2, "나"), (3, "다"), (4, "끝")]
        assert parse("".join(frame for piece in pieces for frame in piece.frames)) == sent[:3]

    asyncio.run(record())


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.sampled_from(["add", "saved", "failed"]), max_size=30))
def test_whatever_writes_fail_each_event_is_in_one_piece_that_never_changes(steps: list[str]) -> None:
    async def record() -> None:
        recording = Recording()
        written: dict[int, list[str]] = {}  # as the store has it: by the first event
        for step in [*steps, "saved"]:
            if step == "add":
                recording.add(Delta(text="가"))
                continue
            pieces = recording.unsaved()
            for piece in pieces:  # a write that failed may have happened
                assert written.setdefault(piece.first, list(piece.frames)) == list(piece.frames)
            if step == "saved":
                recording.saved(len(pieces))
        assert recording.unsaved() == []
        recording.end(None)
        assert "".join(frame for first in sorted(written) for frame in written[first]) == await live(recording)

    asyncio.run(record())

"""A language model that costs next to nothing, so that a benchmark measures what stands in front of it.

    python -m scripts.bench.llm --port 9400 [--tokens 40] [--pause-ms 2]

Speaks just enough of OpenAI's HTTP for the SDK: streamed chat completions of so many tokens, each written alone, which
repeat the first passage of the prompt and cite it, and embeddings that depend on the text. It checks nothing.
"""

import argparse
import asyncio
import base64
import json
from typing import Any

from tests.fakes.openai_replies import embed

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class FastModel(asyncio.Protocol):
    """One connection."""

    def __init__(self, tokens: int, pause_seconds: float) -> None:
        self._tokens, self._pause_seconds = tokens, pause_seconds
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            _, _, rest = head.partition(b"content-length:")
            length = int(rest.split(b"\r\n")[0] or 0) if rest else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = json.loads(self._buffer[end + 4 : end + 4 + length] or b"{}")
            self._buffer = self._buffer[end + 4 + length :]
            asked = head.split(b"\r\n")[0]
            if b"/embeddings" in asked:
                self._embed(body)
            elif b"/chat/completions" not in asked:
                self._transport.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            else:
                task = asyncio.ensure_future(self._speak(body))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _embed(self, body: dict[str, Any]) -> None:
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        data = [
            {
                "object": "embedding",
                "index": n,
                "embedding": base64.b64encode(embed(text, body.get("dimensions", 384)).tobytes()).decode(),
            }
            for n, text in enumerate(texts)
        ]
        answer = json.dumps(
            {
                "object": "list",
                "data": data,
                "model": body["model"],
                "usage": {"prompt_tokens": 1, "total_tokens": 1},
            }
        ).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}\r\n\r\n"
        self._transport.write(head.encode() + answer)

    async def _speak(self, body: dict[str, Any]) -> None:
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        self._transport.write(_HEAD)
        for n, token in enumerate(_answer(str(body["messages"][-1]["content"]), self._tokens)):
            self._write({"index": 0, "delta": {"content": token}, "finish_reason": None})
            if n + 1 < self._tokens:
                await asyncio.sleep(self._pause_seconds)
        self._write({"index": 0, "delta": {}, "finish_reason": "stop"})
        if with_usage:
            self._write(None, {"prompt_tokens": 1, "completion_tokens": self._tokens, "total_tokens": self._tokens + 1})
        self._chunk(b"data: [DONE]\n\n")
        self._transport.write(b"0\r\n\r\n")

    def _write(self, choice: dict[str, Any] | None, usage: dict[str, int] | None = None) -> None:
        frame: dict[str, Any] = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fast"}
        frame |= {"choices": [choice] if choice else [], "usage": usage}
        self._chunk(b"data: " + json.dumps(frame).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%s\r\n" % (len(data), data))


def _answer(prompt: str, tokens: int) -> list[str]:
    """So many tokens of three characters, the last of which is the citation."""
    passage = prompt.partition("[1] ")[2].partition("\n")[2].partition("\n\n[2]")[0].partition("</")[0]
    text = (passage or "답변 ").ljust(3 * tokens, ".")
    return [*(text[3 * n : 3 * n + 3] for n in range(tokens - 1)), " [1]"]


async def serve(port: int, tokens: int, pause_seconds: float) -> None:
    """Serve until cancelled."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FastModel(tokens, pause_seconds), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--pause-ms", type=float, default=2)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.tokens, chosen.pause_ms / 1_000))


if __name__ == "__main__":
    main()

"""Ask a question in the terminal: the answer as it streams, then its sources.

    python scripts/ask.py "정산은 언제 되나요?" [--service-type TYPE]

Uses the pipeline and the settings of the server, keeps no session, and needs no running server.
"""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from scripts.steps import guarded
from shared import assembly
from shared.answering.pipeline import Answering
from shared.models import Turn, TurnStatus
from shared.sse import Delta
from shared.storage.keys import new_chat_id


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Ask. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question")
    parser.add_argument("--service-type")
    chosen = parser.parse_args(arguments)
    if not chosen.question.strip():
        parser.error("질문을 입력해 주세요.")
    asyncio.run(_ask(chosen.question, chosen.service_type))
    return 0


async def _ask(question: str, service_type: str | None) -> None:
    turn = Turn(
        session_id="terminal",
        chat_id=new_chat_id(),
        user_message=question,
        status=TurnStatus.RUNNING,
        created_at=datetime.now(UTC),
        service_type=service_type,
    )
    answering = Answering(assembly.get_parts("default"), turn, history=[])
    async for event in answering.events():
        if isinstance(event, Delta):
            print(event.text, end="", flush=True)
    answer = answering.answer
    print()
    for source in answer.sources:
        print(f"{'*' if source.cited else ' '} [{source.n}] {source.score:.3f}  {source.title}  {source.url or ''}")
    for suggestion in answer.suggestions:
        print(f"  → {suggestion.text}")
    if answer.degraded:
        print(f"  ({', '.join(answer.degraded)})", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""Titles in customers' words, by the language model: proposed for all contents, served once a person accepts them.

    python scripts/summarize_titles.py propose [-o FILE] [--source default] [--count 3] [--limit N] [--at-once 4]
    python scripts/summarize_titles.py accept [FILE] [--source default]

`propose` asks the model of CHAT_MODEL for every stored content and appends a line to FILE, by default
steps/summary-titles.jsonl in DATA_DIR: faq_id, source_id, title, made_from (digest of what the model read), proposals
(accepted, text, model). Resumable: contents with a line are not asked again unless they have changed.

Look through FILE: set `accepted` to true, reword, or leave it. `accept` makes the accepted proposals of a line, and
no others, the summary titles of its content, and indexes what is stored. To take one back set it to false and
run `accept` again. Exit code 3 says that some contents or lines were left out.
"""

import argparse
import asyncio
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TextIO

from pydantic import BaseModel
from tqdm import tqdm

from scripts import vectorize
from scripts.steps import (
    BAD_ROWS,
    Bad,
    CannotRun,
    end_with_a_whole_line,
    guarded,
    positive,
    read_jsonl,
    report_bad,
    source_id,
    step_file,
)
from shared import wiring
from shared.errors import LlmUnavailable
from shared.indexing.lease import held
from shared.indexing.preprocess import MAX_TITLE_CHARACTERS
from shared.indexing.structure import MAX_CONTENT_BYTES
from shared.indexing.summary_titles import digest, read_titles
from shared.llm.base import ChatModel
from shared.llm.prompts import summary_messages
from shared.models import Content, SummaryTitle
from shared.retrieval.search import subjects_of
from shared.retrieval.text import letters, one_line
from shared.storage.base import ConditionFailed

OUT = "summary-titles.jsonl"
_FAILURES = 3  # so many contents one after the other without an answer: the model is away, not one answer bad


class Proposal(BaseModel):
    """One title, and what a person says to it."""

    accepted: bool = False
    text: str
    model: str


class Proposals(BaseModel):
    """One line of the file: the summary titles of one content."""

    faq_id: str
    source_id: str
    title: str
    made_from: str
    proposals: list[Proposal]


@dataclass
class Asked:
    """What became of asking the model."""

    proposed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, LlmUnavailable]] = field(default_factory=list)
    in_a_row: int = 0  # that failed


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Propose or accept. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    proposing = commands.add_parser("propose", help="ask the language model")
    proposing.add_argument("-o", "--out", type=Path)
    proposing.add_argument("--count", type=positive, default=3, help="titles a content (default: 3)")
    proposing.add_argument("--limit", type=positive, help="ask for so many contents in this run")
    proposing.add_argument("--at-once", type=positive, default=4, help="contents asked for at once (default: 4)")
    accepting = commands.add_parser("accept", help="serve what a person has accepted")
    accepting.add_argument("file", type=Path, nargs="?")
    for command in (proposing, accepting):
        command.add_argument("--source", type=source_id, default="default", help="source_id of the contents")
    chosen = parser.parse_args(arguments)
    wiring.get_store().prepare()
    if chosen.command == "accept":
        return accept(chosen.file or step_file(OUT), chosen.source)
    return propose(chosen.out or step_file(OUT), chosen.source, chosen.count, chosen.limit, chosen.at_once)


def propose(path: Path, source: str, count: int, limit: int | None, at_once: int) -> int:
    """Ask for the contents that have no line in `path` yet, and append one for each. Returns an exit code."""
    model = wiring.get_chat_model()
    if model is None:
        raise CannotRun("no language model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server")
    contents, bad = _stored(source), list[tuple[int, str]]()
    end_with_a_whole_line(path, Proposals)
    done = {(line.faq_id, line.made_from) for _, line in _lines(path, source, bad)} if path.is_file() else set()
    report_bad(bad, f"line of {path.name}")
    waiting = [one for one in contents if (one.faq_id, digest(one)) not in done][:limit]
    asked = Asked()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        asyncio.run(_ask_all(model, waiting, _owners(contents), count, at_once, out, asked))
    if asked.in_a_row and asked.in_a_row >= min(_FAILURES, len(waiting)):
        raise asked.failed[-1][1]
    print(f"summarize_titles: {asked.proposed} titles proposed; look through {path}", file=sys.stderr)
    for what, times in asked.dropped.most_common():
        print(f"  dropped: {what}, {times} times", file=sys.stderr)
    for faq_id, error in asked.failed[:1]:
        what = f"{len(asked.failed)} contents without an answer, e.g. {faq_id}: {error.reason}"
        print(f"  {what}; run it again for these", file=sys.stderr)
    return BAD_ROWS if bad or asked.failed else 0


async def _ask_all(
    model: ChatModel,
    waiting: Sequence[Content],
    owners: defaultdict[str, set[str]],
    count: int,
    at_once: int,
    out: TextIO,
    asked: Asked,
) -> None:
    """Ask for `at_once` contents at a time; each one's line is written as soon as it has an answer."""
    queue = iter(waiting)
    bar: tqdm[NoReturn] = tqdm(total=len(waiting), desc="propose", unit="content", disable=not waiting, file=sys.stderr)

    async def work() -> None:
        for content in queue:
            if asked.in_a_row >= _FAILURES:
                return
            try:
                answer = await _answer(model, content, count)
            except LlmUnavailable as error:
                asked.failed.append((content.faq_id, error))
                asked.in_a_row += 1
                continue
            asked.in_a_row = 0
            titles = read_titles(answer, content, count, owners.keys(), asked.dropped)
            asked.proposed += len(titles)
            out.write(_line(content, [Proposal(text=text, model=model.name) for text in titles]) + "\n")
            out.flush()
            bar.update()

    with bar:
        await asyncio.gather(*(work() for _ in range(at_once)))


async def _answer(model: ChatModel, content: Content, count: int) -> str:
    async with aclosing(model.stream(summary_messages(content, count))) as pieces:
        return "".join([piece async for piece in pieces])


def _line(content: Content, proposals: Sequence[Proposal]) -> str:
    """A content's line: what it has accepted already, so that the line says all, then what is proposed."""
    accepted = [
        Proposal(accepted=True, text=one.text, model=one.model) for one in content.summary_titles if one.accepted
    ]
    return Proposals(
        faq_id=content.faq_id,
        source_id=content.source_id,
        title=content.title,
        made_from=digest(content),
        proposals=[*accepted, *proposals],
    ).model_dump_json()


def accept(path: Path, source: str) -> int:
    """Make the accepted proposals of each line its content's summary titles, and index. Returns an exit code."""
    store, bad = wiring.get_store(), list[tuple[int, str]]()
    added = removed = 0
    with held(store, source, vectorize.Bar().wait):  # a build that runs meanwhile writes contents as it has read them
        contents = _stored(source)
        owners = _owners(contents)
        for number, content, titles in list(_decided(path, contents, bad)):  # all is read before anything is written
            if titles == content.summary_titles:
                continue
            new = {"summary_titles": [one.model_dump(mode="json") for one in titles]}
            as_read = {"title": content.title, "content": content.content}
            try:
                store.update("contents", source, content.faq_id, new, if_=as_read)
            except ConditionFailed:
                bad.append((number, f"{content.faq_id} was edited this moment; run it again"))
                continue
            before, after = ({letters(one.text) for one in those} for those in (content.summary_titles, titles))
            added, removed = added + len(after - before), removed + len(before - after)
            for one in titles:
                if others := sorted(owners[letters(one.text)] - {content.faq_id}):
                    print(f"  line {number}: {others[0]} is found by {one.text!r}, too", file=sys.stderr)
                owners[letters(one.text)].add(content.faq_id)
    print(f"summarize_titles: {added} titles accepted, {removed} taken back", file=sys.stderr)
    report_bad(bad, f"line of {path.name}")
    vectorize.index(None, source)
    return BAD_ROWS if bad else 0


def _decided(path: Path, contents: Sequence[Content], bad: Bad) -> Iterator[tuple[int, Content, list[SummaryTitle]]]:
    """Line number, content, and what its summary titles are to be; what is wrong goes into `bad`."""
    by_id, seen = {one.faq_id: one for one in contents}, set[str]()
    for number, line in _lines(path, contents[0].source_id, bad):
        content, accepted = by_id.get(line.faq_id), _accepted(line)
        if content is None:
            bad.append((number, f"no content has the faq_id {line.faq_id}"))
        elif line.made_from != digest(content):
            if accepted:
                bad.append((number, f"{line.faq_id} has changed since; run propose again"))
        elif line.faq_id in seen:
            bad.append((number, f"faq_id {line.faq_id} a second time"))
        elif any(not 0 < len(one.text) <= MAX_TITLE_CHARACTERS for one in accepted):
            bad.append((number, f"a title is empty or longer than {MAX_TITLE_CHARACTERS} characters"))
        elif _bytes(content.model_copy(update={"summary_titles": accepted})) > MAX_CONTENT_BYTES:
            bad.append((number, f"with these titles {line.faq_id} is larger than {MAX_CONTENT_BYTES} bytes"))
        else:
            seen.add(line.faq_id)
            yield number, content, accepted


def _accepted(line: Proposals) -> list[SummaryTitle]:
    """The accepted proposals of a line, each once."""
    found: dict[str, SummaryTitle] = {}
    for one in line.proposals:
        if one.accepted:
            title = SummaryTitle(text=one_line(one.text), model=one.model, made_from=line.made_from, accepted=True)
            found.setdefault(letters(title.text), title)
    return list(found.values())


def _bytes(content: Content) -> int:
    return len(content.model_dump_json().encode())


def _stored(source: str) -> list[Content]:
    from shared.indexing.build import stored_contents

    contents = list(stored_contents(wiring.get_store(), source))
    if not contents:
        raise CannotRun(f"source {source!r} has no contents: run scripts/vectorize.py <corpus>")
    return contents


def _owners(contents: Sequence[Content]) -> defaultdict[str, set[str]]:
    """Which contents are found by a title, under its letters."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for content in contents:
        for subject in subjects_of(content):
            owners[letters(subject)].add(content.faq_id)
    return owners


def _lines(path: Path, source: str, bad: Bad) -> Iterator[tuple[int, Proposals]]:
    """The lines of a file that `propose` wrote and a person has looked through."""
    for number, line in read_jsonl(path, Proposals, bad):
        if line.source_id != source:
            raise CannotRun(f"{path}: titles of source {line.source_id!r}: say --source {line.source_id}")
        yield number, line


if __name__ == "__main__":
    sys.exit(main())

"""The history log and its figures as files: CSV, XLSX and JSONL, written row by row, so that memory does not grow.

In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV Injection"); in XLSX
every text is stored as text (`workbook`). CSV begins with a byte order mark, without which Excel takes UTF-8 for the
system's own encoding.
"""

import csv
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal, TypeAlias

from shared.history import HistoryTurn
from shared.insights import BotFigures, ContentFigures, DayFigures, Figures, Insights, UnusedContent
from shared.storage.keys import SEOUL
from shared.workbook import Cell, as_xlsx

Format: TypeAlias = Literal["csv", "xlsx", "jsonl"]

MEDIA_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "jsonl": "application/x-ndjson; charset=utf-8",
    }
)
GZIP_TYPE = "application/gzip"
_GZIP = 31  # what `zlib` calls its largest window with gzip's head and end
FORMULA = re.compile(r"[\t\r\n ]*[=+\-@＝＋－＠]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # what no program shows, and UTF-8 cannot hold
_DECISIONS = {"answer": "답변", "clarify": "되묻기", "refuse": "답변 불가", "fixed": "정해진 답"}
_STATUSES = {
    "pending": "대기",
    "running": "답변 중",
    "done": "완료",
    "failed": "실패",
    "stopped": "중단",
    "interrupted": "끊김",
}
_COLUMNS: Sequence[tuple[str, Callable[[HistoryTurn], Cell]]] = (
    ("시각", lambda one: _time(one.created_at)),
    ("질문", lambda one: "(삭제된 대화)" if one.deleted else one.user_message),
    ("답변", lambda one: one.system_message),
    ("결과", lambda one: _DECISIONS.get(one.decision or "", "")),
    ("상태", lambda one: _STATUSES[one.status]),
    ("분류", lambda one: one.category),
    ("서비스", lambda one: one.service_type),
    ("콘텐츠 ID", lambda one: one.faq_id),
    ("근거 제목", lambda one: " / ".join(source.title for source in one.sources if source.cited)),
    ("도움", lambda one: None if one.feedback is None else "예" if one.feedback.helpful else "아니요"),
    ("도움이 안 된 이유", lambda one: ", ".join(one.feedback.reason_codes) if one.feedback else None),
    ("의견", lambda one: one.comment),
    ("걸린 시간(ms)", lambda one: one.latency_ms),
    ("대신한 것", lambda one: ", ".join(one.degraded)),
    ("경로", lambda one: "API" if one.channel == "api" else "웹"),
    ("챗봇 버전", lambda one: one.bot_version),
    ("모델", lambda one: one.record.model),
    ("입력 토큰", lambda one: one.record.input_tokens),
    ("출력 토큰", lambda one: one.record.output_tokens),
    ("비용(원)", lambda one: one.record.cost_won),
    ("질문 ID", lambda one: one.chat_id),
)
_FIGURES: Sequence[tuple[str, Callable[[Figures], Cell]]] = (
    ("질문", lambda one: one.questions),
    ("방문자 질문", lambda one: one.visitors),
    ("API 질문", lambda one: one.programs),
    ("답변", lambda one: one.answered.count),
    ("되묻기", lambda one: one.clarified.count),
    ("답변 불가", lambda one: one.refused.count),
    ("정해진 답", lambda one: one.fixed.count),
    ("답 없음", lambda one: one.unanswered.count),
    ("도움 됨", lambda one: one.helpful),
    ("도움 안 됨", lambda one: one.unhelpful),
    ("도움 비율", lambda one: one.helpful_share),
    ("일부 기능 없이 답변", lambda one: one.degraded.count),
    ("p50(ms)", lambda one: one.p50_ms),
    ("p95(ms)", lambda one: one.p95_ms),
    ("입력 토큰", lambda one: one.input_tokens),
    ("출력 토큰", lambda one: one.output_tokens),
    ("비용(원)", lambda one: one.cost_won),
)
_DAYS: Sequence[tuple[str, Callable[[DayFigures], Cell]]] = (
    ("날짜", lambda one: one.day),
    ("집계 완료", lambda one: "예" if one.complete else "아니요"),
    *_FIGURES,
)
_BOTS: Sequence[tuple[str, Callable[[BotFigures], Cell]]] = (
    ("챗봇 ID", lambda one: one.bot_id),
    ("챗봇", lambda one: one.name),
    ("모두 집계", lambda one: "아니요" if one.missing else "예"),
    *_FIGURES,
)
_CONTENTS: Sequence[tuple[str, Callable[[ContentFigures], Cell]]] = (
    ("콘텐츠 ID", lambda one: one.faq_id),
    ("출처", lambda one: one.source_id),
    ("제목", lambda one: one.title or "(삭제된 콘텐츠)"),
    ("답변에 쓰임", lambda one: one.used),
    ("인용됨", lambda one: one.cited),
    ("도움 됨", lambda one: one.helpful),
    ("도움 안 됨", lambda one: one.unhelpful),
    ("가까웠지만 답하지 못함", lambda one: one.missed),
)
_UNUSED: Sequence[tuple[str, Callable[[UnusedContent], Cell]]] = (
    ("콘텐츠 ID", lambda one: one.faq_id),
    ("출처", lambda one: one.source_id),
    ("제목", lambda one: one.title),
)
Table: TypeAlias = Literal["days", "contents", "unhelpful", "unused"]
HEAD = tuple(name for name, _ in _COLUMNS)


def cells(turn: HistoryTurn) -> list[Cell]:
    """One question as a row."""
    return [value(turn) for _, value in _COLUMNS]


def exported(pages: Iterable[Sequence[HistoryTurn]], kind: Format) -> Iterator[bytes]:
    """A file of these questions, in pieces."""
    if kind == "jsonl":
        return _jsonl(pages)
    rows = ([cells(turn) for turn in page] for page in pages)
    return as_csv(HEAD, rows) if kind == "csv" else as_xlsx(HEAD, rows, "질문")


def figures_csv(found: Insights, table: Table) -> Iterator[bytes]:
    """The figures by day, of the contents most used or most often rated unhelpful, or those never used, as CSV."""
    match table:
        case "days":
            return as_csv([name for name, _ in _DAYS], [[[value(one) for _, value in _DAYS] for one in found.days]])
        case "unused":
            rows = [[value(one) for _, value in _UNUSED] for one in found.unused]
            return as_csv([name for name, _ in _UNUSED], [rows])
    listed = found.contents if table == "contents" else found.unhelpful_contents
    rows = [[value(one) for _, value in _CONTENTS] for one in listed]
    return as_csv([name for name, _ in _CONTENTS], [rows])


def bots_csv(found: Sequence[BotFigures]) -> Iterator[bytes]:
    """The figures by bot, as CSV."""
    return as_csv([name for name, _ in _BOTS], [[[value(one) for _, value in _BOTS] for one in found]])


def as_csv(head: Sequence[str], pages: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[bytes]:
    """Rows as CSV for Excel, a piece for each page of them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    yield b"\xef\xbb\xbf"
    writer.writerow(head)
    for page in pages:
        writer.writerows([_harmless(cell) for cell in row] for row in page)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _harmless(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    cell = _CONTROL.sub("\ufffd", cell)
    return f"'{cell}" if FORMULA.match(cell) else cell


def _jsonl(pages: Iterable[Sequence[HistoryTurn]]) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(turn.model_dump_json(exclude_none=True).encode() + b"\n" for turn in page)


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as gzip (RFC 1952): its end tells how long they are together, so that what breaks off is noticed.

    Something goes out for each piece, also for an empty one: while long nothing matches, whoever passes a file on is
    to see that it goes on.
    """
    packer = zlib.compressobj(wbits=_GZIP)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def _time(at: datetime) -> str:
    return at.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M:%S")

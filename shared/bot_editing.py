"""Editing a bot: what it was published as, what is drafted, and what an operator may make of it.

A bot is data, and some of that data reaches further than the bot: contents of an index that it names, hosts in the
deployment's own network, the deployment's secrets. An operator gives a bot none of these that they do not have: only
an owner of all bots opens a private host or a secret to a bot, and who sees some bots draws on no index of the others.
What the bot was published with, or was drafted with by somebody who may, it keeps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from shared.admin_keys import Operator
from shared.audit import SECRET_NAME
from shared.bot import Bot, HttpSource, VectorSource
from shared.bot_check import not_finite
from shared.bot_check import problems as bot_problems
from shared.bots import Bots, Draft
from shared.differences import differences
from shared.errors import FieldProblem, InvalidFields, VersionNotFound
from shared.field_names import in_words
from shared.links import Allowed
from shared.problems import in_korean, path_of, said_in_korean
from shared.sources.base import Secret
from shared.sources.check import check as check_source
from shared.sources.templates import SECRET
from shared.storage.base import InvalidItem
from shared.storage.items import sealed

_KINDS = ("vector", "http")  # pydantic names the kind after the number: `sources.0.http.url`
_NOTHING = "none"
_NO_FIELD = {"nothing": {"path": "`null`", "label": "-"}}  # takes nothing: a source must have a field


@dataclass(frozen=True)
class BotState:
    """A bot as it serves, and its draft."""

    bot_id: str
    published: Bot | None
    draft: Draft | None

    @property
    def based_on(self) -> str:
        """What an edit names that was made on this state: another one, once somebody else has edited or published."""
        if self.draft is not None:
            return self.draft.revision
        return self.published.version if self.published else _NOTHING

    @property
    def versions(self) -> list[Bot]:
        """Both of them, as far as they are there."""
        return [one for one in (self.published, self.draft.bot if self.draft else None) if one is not None]

    @property
    def revision(self) -> str | None:
        """The draft's, if there is one."""
        return self.draft.revision if self.draft else None

    @property
    def differs(self) -> bool:
        """Whether there is a draft that would change something."""
        return self.draft is not None and (self.published is None or body_of(self.draft.bot) != body_of(self.published))


def state_of(bots: Bots, bot_id: str) -> BotState:
    """A bot now, past all memos. The bot `default` serves also when it was never published."""
    published = bots.published(bot_id) or (Bot() if bot_id == "default" else None)
    return BotState(bot_id, published, bots.opened_draft(bot_id))


def version_of(bots: Bots, bot_id: str, version: str) -> Bot:
    """`draft`, `published`, or a version by its id. Raises `VersionNotFound`."""
    match version:
        case "draft":
            bot = bots.draft(bot_id)
        case "published" | "built-in":
            bot = state_of(bots, bot_id).published
        case _:
            bot = bots.version(bot_id, version)
    if bot is None:
        raise VersionNotFound
    return bot


def named_version(bots: Bots, bot_id: str, version: str) -> Bot:
    """The same, the draft under a name that it shares with no other state of it. Raises `VersionNotFound`."""
    if version == "draft" and (draft := bots.opened_draft(bot_id)) is not None:
        return named(draft)
    return version_of(bots, bot_id, version)


def named(draft: Draft) -> Bot:
    """A draft under such a name."""
    return draft.bot.model_copy(update={"version": f"draft#{draft.revision}"})


def body_of(bot: Bot) -> dict[str, Any]:
    """What versions of one bot are compared by."""
    body: dict[str, Any] = bot.model_dump(mode="json", exclude={"bot_id", "version"})
    return body


def recorded_edit(before: Bot | None, after: Bot | None) -> dict[str, Any]:
    """What the record of changes says of an edit: the fields that differ."""
    found = list(differences(body_of(before) if before else {}, body_of(after) if after else {}))
    return {"before": {one.path: one.before for one in found}, "after": {one.path: one.after for one in found}}


def read_bot(given: Mapping[str, Any], bot_id: str, secrets: Mapping[str, Secret], allowed: Allowed) -> Bot:
    """A bot from what a form sent. Raises `InvalidFields`, with all problems that were found."""
    if (place := not_finite(dict(given))) is not None:
        raise InvalidFields([_no_number(place)])
    try:
        bot = Bot.model_validate({"bot_id": bot_id, **given}, extra="forbid")
    except ValidationError as error:
        found = [(one, _without_kind(one["loc"])) for one in error.errors(include_url=False)]
        told = [FieldProblem(path_of(loc), in_korean(one, in_words(loc))) for one, loc in found]
        raise InvalidFields(told) from error
    if bot.bot_id != bot_id:
        raise InvalidFields([FieldProblem("bot_id", "챗봇 ID는 바꿀 수 없습니다.")])
    require(list(problems_of(bot, secrets, allowed)))
    return bot


def read_source(given: Mapping[str, Any], secrets: Mapping[str, Secret]) -> HttpSource:
    """An HTTP source from what a form sent, also before any field was chosen. Raises `InvalidFields`."""
    if (place := not_finite(dict(given))) is not None:
        raise InvalidFields([_no_number(place)])
    try:
        source = HttpSource.model_validate({**given, "fields": given.get("fields") or _NO_FIELD}, extra="forbid")
    except ValidationError as error:
        found = [(one, one["loc"]) for one in error.errors(include_url=False)]
        told = [FieldProblem(path_of(loc), in_korean(one, in_words(loc))) for one, loc in found]
        raise InvalidFields(told) from error
    require(list(source_problems(source, secrets)))
    return source


def problems_of(bot: Bot, secrets: Mapping[str, Secret], allowed: Allowed) -> Iterator[FieldProblem]:
    """What keeps a bot from being published: all of its own problems, and the first of each of its HTTP sources."""
    try:
        sealed({"pk": bot.bot_id, "sk": bot.version, **bot.model_dump(mode="json")}, None)
    except InvalidItem:
        yield FieldProblem("", "너무 크거나 저장할 수 없는 값이 있습니다. 목록을 줄여 주세요.")
    for line in bot_problems(bot, allowed):
        yield _problem(line)
    for number, source in enumerate(bot.sources):
        if source.kind == "http":
            yield from source_problems(source, secrets, f"sources.{number}.")


def source_problems(source: HttpSource, secrets: Mapping[str, Secret], where: str = "") -> Iterator[FieldProblem]:
    """The same of an HTTP source alone.

    Parameters
    ----------
    where
        In front of the paths.
    """
    try:
        check_source(source, secrets)
    except ValueError as error:
        yield _problem(f"{where}{error}")
    for place, name in _literals(source):
        path = f"{where}{place}.{name}"
        yield _about(path, "비밀 값은 그대로 적지 않고, 헤더에 {secret:이름}으로 적어 주세요.")


def beyond(operator: Operator, bot: Bot, state: BotState, bots: Bots) -> Iterator[FieldProblem]:
    """What of a bot its operator has no right to give it."""
    had = state.versions
    for number, source in enumerate(bot.sources):
        if source.kind == "http":
            yield from source_beyond(operator, source, had, f"sources.{number}.")
    if operator.bots is None:
        return
    mine = {source_id for one in had for source_id in one.source_ids}
    asked = {source.source_id for source in bot.vectors} - mine
    foreign = _indexes_of_others(operator, bots) if asked else set()
    for number, source in enumerate(bot.sources):
        if isinstance(source, VectorSource) and source.source_id in asked & foreign:
            path = f"sources.{number}.source_id"
            yield _about(path, "쓸 수 없는 도움말입니다.")


def source_beyond(operator: Operator, source: HttpSource, had: list[Bot], where: str = "") -> Iterator[FieldProblem]:
    """The same of an HTTP source alone; `had` is what the bot was published and drafted as."""
    if operator.owns_all:
        return
    earlier = [one for bot in had for one in bot.sources if one.kind == "http"]
    if set(source.allowed_hosts) - {host for one in earlier for host in one.allowed_hosts}:
        path = f"{where}allowed_hosts"
        yield _about(path, "내부망 호스트는 모든 챗봇의 소유자만 열 수 있습니다.")
    known = {name for one in earlier for name in _secrets_of(one)}
    for name in sorted(_secrets_of(source) - known):
        path = f"{where}headers"
        yield _about(path, f"비밀 값 {name}은(는) 모든 챗봇의 소유자만 연결할 수 있습니다.")


def require(problems: list[FieldProblem]) -> None:
    """Raise `InvalidFields` if there are any."""
    if problems:
        raise InvalidFields(problems)


def _indexes_of_others(operator: Operator, bots: Bots) -> set[str]:
    """Indexes that bots draw on which the operator does not see, and none that they see has been published with."""
    theirs: set[str] = set()
    others: set[str] = set()
    for bot_id in {*bots.ids(), "default"}:
        state = state_of(bots, bot_id)
        published = set(state.published.source_ids) if state.published else set()
        if operator.sees(bot_id):
            theirs |= published
        else:
            others |= published | (set(state.draft.bot.source_ids) if state.draft else set())
    return others - theirs


def _secrets_of(source: HttpSource) -> set[str]:
    return {name for value in source.headers.values() for name in SECRET.findall(value)}


def _literals(source: HttpSource) -> Iterator[tuple[str, str]]:
    """Where something that is called a secret is written out: the field, and the name in it."""
    for name, value in source.headers.items():
        if SECRET_NAME.search(name) and not SECRET.search(value):
            yield "headers", name
    for name, value in source.query.items():
        if SECRET_NAME.search(name) and "{" not in value:
            yield "query", name
    for name, _ in parse_qsl(urlsplit(source.url).query):
        if SECRET_NAME.search(name):
            yield "url", name


def _no_number(place: list[str]) -> FieldProblem:
    path = ".".join(place)
    return FieldProblem(path, f"{in_words(place)} 값은 숫자여야 합니다.")


def _problem(line: str) -> FieldProblem:
    """One of haedap's own English lines, `path: reason`."""
    path, _, reason = line.partition(": ")
    return _about(path, said_in_korean(reason))


def _about(path: str, said: str) -> FieldProblem:
    return FieldProblem(path, f"{in_words(path.split('.'))}: {said}")


def _without_kind(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    tagged = len(loc) > 2 and loc[0] == "sources" and loc[2] in _KINDS
    return (*loc[:2], *loc[3:]) if tagged else loc

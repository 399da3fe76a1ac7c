"""The port of what a bot draws on besides its own contents: facts, asked for with arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from shared.bot import HttpSource, VectorSource


@dataclass(frozen=True)
class Record:
    """One thing that a source told: the fields that the bot lists, and nothing else.

    Parameters
    ----------
    title
        Of the field that names it, else the source's name.
    link
        The address of its page, `http` or `https`.
    fields
        Values as text, by their labels, in the order of the source's fields; what was missing is left out.
    """

    title: str
    link: str | None
    fields: Mapping[str, str]

    def as_text(self) -> str:
        """One line a field, `label: value`; no value holds a line break."""
        return "\n".join(f"{label}: {value}" for label, value in self.fields.items())


class ArgumentsInvalid(Exception):
    """A source cannot be asked so: one English line that names fields and rules, fit for a model.

    It repeats nothing that was given.
    """


@dataclass
class Taken:
    """What asking a source took, also when it did not answer; added to while it is asked."""

    retries: int = 0


class Facts(Protocol):
    """A source that is asked with arguments."""

    async def fetch(self, arguments: Mapping[str, Any], taken: Taken | None = None) -> Sequence[Record]:
        """What it knows, best first as the source has it; nothing when there is nothing.

        It adds what it takes to `taken`.

        Raises
        ------
        ArgumentsInvalid
            Before anything was sent.
        SourceUnavailable
            It did not answer, or with something that is no answer. The detail holds no argument, secret or response.
        """
        ...


class Tools(Protocol):
    """Sources as functions that a model may call: what `shared.sources.tools` does, loaded only where it is needed."""

    def tool(self, source: VectorSource | HttpSource) -> dict[str, Any]:
        """A function in OpenAI's strict form, named as the source's id."""
        ...

    def arguments(self, source: VectorSource | HttpSource, raw: str) -> dict[str, Any]:
        """What a model sent with a call. Raises `ArgumentsInvalid`."""
        ...


class Secret(Protocol):
    """A secret of the deployment, and the only hosts (`host` or `host:port`) that may be told it."""

    @property
    def value(self) -> SecretStr: ...

    @property
    def hosts(self) -> Sequence[str]: ...

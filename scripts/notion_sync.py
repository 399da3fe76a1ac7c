"""Read a database or a page tree of Notion into drafts of contents: what has changed since the last time, what is gone.

    python scripts/notion_sync.py [--bot default] [--source ID] [--database URL | --page URL] [--dry-run]

Without --database and --page, what was read into the source before is read again, all of it: to be run by a schedule.
Needs NOTION_TOKEN; docs/notion.md tells how to get one. Properties are found by their usual names (분류, 태그,
유사 질문 …), or by those of `--property category=Group`, which are remembered. Interrupted, the next run goes on. Exit
code 3 says that some pages were left out or were edited by hand: they are listed.
"""

import argparse
import sys
from typing import NoReturn

from pydantic import ValidationError
from tqdm import tqdm

from scripts.steps import BAD_ROWS, CannotRun, guarded, source_id
from shared import wiring
from shared.admin_keys import Operator
from shared.notion.properties import PropertyNames
from shared.notion.report import NotionReport
from shared.notion.sync import Order
from shared.notion.target import target_of
from shared.notion_sync import known_targets, read_notion
from shared.source_access import known_bot, source_of

_BY = Operator("scripts", "scripts/notion_sync.py", "owner")


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Read, and tell what was done. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", default="default", help="a bot's id (default: default)")
    parser.add_argument("--source", type=source_id, help="one of its sources of contents (default: the first)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--database", metavar="URL", help="address or id")
    what.add_argument("--page", metavar="URL", help="address or id of a page; it and all pages below it are read")
    parser.add_argument("--dry-run", action="store_true", help="tell what would change, and change nothing")
    parser.add_argument("--full", action="store_true", help="read pages, too, that were not edited since")
    parser.add_argument("--overwrite", action="store_true", help="overwrite what was edited by hand since")
    parser.add_argument("--property", action="append", default=[], metavar="FIELD=NAME", help="may be repeated")
    chosen = parser.parse_args(arguments)
    wiring.get_store().prepare()
    source = source_of(known_bot(chosen.bot), chosen.source)
    reports = [
        _read(order, source, dry_run=chosen.dry_run, overwrite=chosen.overwrite) for order in _orders(chosen, source)
    ]
    return BAD_ROWS if any(one.conflicts or one.invalid or one.unreadable for one in reports) else 0


def _orders(chosen: argparse.Namespace, source: str) -> list[Order]:
    """What is to be read: what is named, else all that was read before."""
    address = chosen.database or chosen.page
    names = _names(chosen.property)
    known = known_targets(source)
    if address is None:
        if not known:
            raise CannotRun(f"source {source!r}: nothing was read from Notion before: say --database or --page")
        return [Order(one.target, one.address, names or one.names, chosen.full) for one in known]
    target = target_of("database" if chosen.database else "page", address)
    before = next((one.names for one in known if one.target == target), PropertyNames())
    return [Order(target, address, names or before, chosen.full)]


def _names(given: list[str]) -> PropertyNames | None:
    """`category=Group`, one for each. Raises `CannotRun`."""
    if not given:
        return None
    try:
        return PropertyNames.model_validate(dict(one.split("=", 1) for one in given))
    except (ValueError, ValidationError) as error:
        fields = ", ".join(PropertyNames.model_fields)
        raise CannotRun(f"--property takes FIELD=NAME, where FIELD is one of {fields}") from error


def _read(order: Order, source: str, *, dry_run: bool, overwrite: bool) -> NotionReport:
    bar: tqdm[NoReturn] = tqdm(desc=f"notion {order.target.id[:8]}", unit="page", file=sys.stderr)

    def told(report: NotionReport) -> None:
        bar.update(report.pages - bar.n)

    with bar:
        report = read_notion(order, source, _BY, dry_run=dry_run, overwrite=overwrite, told=told)
    _tell(report, order)
    return report


def _tell(report: NotionReport, order: Order) -> None:
    figures = {
        "new": report.created,
        "changed": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "conflicts": report.conflicts,
        "invalid": report.invalid,
        "empty": report.empty,
        "unreadable": report.unreadable,
    }
    told = ", ".join(f"{count:,} {name}" for name, count in figures.items())
    tried = " (dry run: nothing was changed)" if report.dry_run else ""
    print(f"{order.target.kind} {order.target.id}: {report.pages:,} pages: {told}{tried}")
    for one in report.told:
        print(f"  {one.outcome}: {one.title}{f' ({one.faq_id})' if one.faq_id else ''}{f': {one.why}' * bool(one.why)}")
    for kind, count in sorted(report.left_out.items()):
        print(f"  left out: {count:,} of {kind}", file=sys.stderr)
    for address in report.addresses:
        print(f"  link or media left out: {address}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

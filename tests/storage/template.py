"""The DynamoDB tables that the SAM template declares."""

from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "infra" / "template.yaml"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags: `!Sub x` is read as `{"!Sub": x}`."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    return {f"!{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def resources(kind: str) -> list[dict[str, Any]]:
    """The template's resources of one type, as they are declared."""
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)  # a SafeLoader
    return [resource for resource in template["Resources"].values() if resource["Type"] == kind]


def tables(prefix: str) -> list[dict[str, Any]]:
    """The properties of each table, with `TablePrefix` filled in."""
    declared = [resource["Properties"] for resource in resources("AWS::DynamoDB::Table")]
    return [table | {"TableName": _substituted(table["TableName"], prefix)} for table in declared]


def create(client: Any, prefix: str) -> None:
    """Make the template's tables in a DynamoDB, as CloudFormation would."""
    for table in tables(prefix):
        name, expiry = table["TableName"], table.pop("TimeToLiveSpecification")
        recovery = table.pop("PointInTimeRecoverySpecification")
        client.create_table(**table)  # refuses a property that is not DynamoDB's
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)


def _substituted(value: dict[str, str], prefix: str) -> str:
    return value["!Sub"].replace("${TablePrefix}", prefix)

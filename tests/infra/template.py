"""infra/template.yaml, as it is written and as SAM makes CloudFormation of it."""

import json
import os
import re
from functools import cache
from typing import Any, NamedTuple

import yaml

from tests.app import ROOT

TEMPLATE = ROOT / "infra" / "template.yaml"
FUNCTION = "AWS::Serverless::Function"
TABLE = "AWS::DynamoDB::Table"
_READS = {"BatchGetItem", "GetItem", "Query"}
_WRITES = {"BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem"}
_BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


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


@cache
def written() -> dict[str, Any]:
    """The template as it is written."""
    read: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)  # a SafeLoader
    return read


@cache
def transformed() -> dict[str, Any]:
    """What SAM makes of it."""
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    class Policies:
        def load(self) -> dict[str, str]:
            return {"AWSLambdaBasicExecutionRole": _BASIC}

    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-2")  # SAM asks for it to know its partition
    source = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    for resource in source["Resources"].values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = "s3://uploaded/package.zip"  # as `sam deploy` does before
    made: dict[str, Any] = transform(source, {}, Policies())
    return made


def resources(kind: str) -> list[dict[str, Any]]:
    """The template's resources of one type, as they are declared."""
    return [resource for resource in written()["Resources"].values() if resource["Type"] == kind]


def tables(prefix: str) -> list[dict[str, Any]]:
    """The properties of each table, with `TablePrefix` filled in."""
    declared = [resource["Properties"] for resource in resources(TABLE)]
    return [table | {"TableName": _substituted(table["TableName"], prefix)} for table in declared]


def deploy_tables(cloudformation: Any, prefix: str) -> None:
    """Deploy the tables of the transformed template, as a stack of their own."""
    made = transformed()
    kept = {name: one for name, one in made["Resources"].items() if one["Type"] == TABLE}
    body = {"Parameters": {"TablePrefix": made["Parameters"]["TablePrefix"]}, "Resources": kept}
    cloudformation.create_stack(
        StackName=f"{prefix}tables",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "TablePrefix", "ParameterValue": prefix}],
    )


def functions() -> dict[str, dict[str, Any]]:
    """Each function's properties, by the module that it is of: `sessions`, `admin.keys`."""
    declared = [one["Properties"] for one in resources(FUNCTION)]
    return {one["CodeUri"].removeprefix("../build/lambda/").replace("/", "."): one for one in declared}


def routes(function: dict[str, Any]) -> list[tuple[str, str]]:
    """The HTTP API's routes to a function: method and path."""
    events = [one["Properties"] for one in function.get("Events", {}).values() if one["Type"] == "HttpApi"]
    return [(event["Method"], event["Path"]) for event in events]


def routed(method: str, path: str) -> str:
    """The function that the HTTP API hands such a request to: the whole path counts before a greedy one."""
    found = {
        greedy: module
        for module, function in functions().items()
        for declared, route in routes(function)
        if declared == method and (greedy := _takes(route, path)) is not None
    }
    return found[min(found)]


def _takes(route: str, path: str) -> bool | None:
    """Whether a route that takes a path does so greedily."""
    pattern = re.sub(r"\{\w+\}", "[^/]+", re.sub(r"\{\w+\+\}", ".+", route))
    return "+}" in route if re.fullmatch(pattern, path) else None


class Granted(NamedTuple):
    """The tables that a function may read and write."""

    reads: frozenset[str]
    writes: frozenset[str]


@cache
def granted(module: str) -> Granted:
    """What a function's own policy and those it shares let it do with tables."""
    reads, writes = set[str](), set[str]()
    for policy in functions()[module]["Policies"]:
        shared = policy.get("!Ref")
        document = written()["Resources"][shared]["Properties"]["PolicyDocument"] if shared else policy
        for statement in document["Statement"]:
            actions = {one.partition(":")[2] for one in _many(statement["Action"]) if one.startswith("dynamodb:")}
            assert actions <= _READS | _WRITES, "neither scans nor anything that is done to tables"
            tables = [one for one in _many(statement["Resource"]) if "!GetAtt" in one]  # an index is `!Sub`
            named = {_table_of(one) for one in tables} if actions else set()
            reads |= named if actions <= _READS else set()
            writes |= named if actions <= _WRITES else set()
    return Granted(frozenset(reads), frozenset(writes))


def variables(module: str, given: dict[str, str]) -> dict[str, str]:
    """A function's environment. `given` are parameters that have no default, and the secret's keys.

    What no parameter tells (a bucket's name) is as `given` has it under the name of its resource.
    """
    shared = written()["Globals"]["Function"]["Environment"]["Variables"]
    own = functions()[module].get("Environment", {}).get("Variables", {})
    defaults = {name: str(one["Default"]) for name, one in written()["Parameters"].items() if "Default" in one}
    return {name: _resolved(value, defaults | given) for name, value in (shared | own).items()}


def _resolved(value: str | dict[str, str], known: dict[str, str]) -> str:
    if isinstance(value, str):
        return value
    if "!Ref" in value:
        return known[value["!Ref"]]
    text = value["!Sub"]
    if secret := re.fullmatch(r"\{\{resolve:secretsmanager:\$\{SecretArn\}:SecretString:(\w+)\}\}", text):
        return known[secret[1]]
    return re.sub(r"\$\{(\w+)\}", lambda found: known[found[1]], text)


def _table_of(resource: dict[str, str]) -> str:
    return resource["!GetAtt"].removesuffix("Table.Arn").lower()


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _substituted(value: dict[str, str], prefix: str) -> str:
    return value["!Sub"].replace("${TablePrefix}", prefix)

"""infra/template.yaml declares the tables that the store uses: those and no others, all alike."""

from contextlib import closing
from typing import Any

from boto3.session import Session

from shared.storage.base import OFTEN_READ, TABLES
from tests.infra import template
from tests.storage.backends import REGION, Backend


def test_the_template_has_the_stores_tables_and_no_others() -> None:
    assert [table["TableName"] for table in template.tables("haedap-")] == [f"haedap-{name}" for name in TABLES]


def test_every_table_is_on_demand_expires_items_and_can_be_restored_to_any_point() -> None:
    for table in template.tables(""):
        table.pop("GlobalSecondaryIndexes", None)
        assert table == {
            "TableName": table["TableName"],
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        }


def indexes(table: Any) -> list[Any]:
    return [(one["IndexName"], one["KeySchema"], one["Projection"]) for one in table.get("GlobalSecondaryIndexes", [])]


def test_removing_the_stack_does_not_remove_what_customers_wrote() -> None:
    for table in template.resources(template.TABLE):
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_a_store_prepares_a_local_server_with_the_same_tables(dynamodb_with_tables: str) -> None:
    session = Session("test", "test", region_name=REGION)
    with closing(session.client("dynamodb", endpoint_url=dynamodb_with_tables)) as client:
        with closing(Backend("dynamodb", dynamodb_with_tables, "prepared-").open()) as store:
            store.prepare()
        deployed = Backend("dynamodb", dynamodb_with_tables).space
        for name in TABLES:
            declared, prepared = (
                client.describe_table(TableName=prefix + name)["Table"] for prefix in (deployed, "prepared-")
            )
            for part in ("KeySchema", "AttributeDefinitions", "BillingModeSummary"):
                assert prepared[part] == declared[part]
            ours, theirs = (indexes(table) for table in (prepared, declared))
            assert ours == theirs
            assert bool(ours) == (name in OFTEN_READ)
            expiry = client.describe_time_to_live(TableName="prepared-" + name)["TimeToLiveDescription"]
            assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}

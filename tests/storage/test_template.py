"""infra/template.yaml declares the tables that the store uses: those and no others, all alike."""

from contextlib import closing

import pytest
from boto3.session import Session

from shared.storage.base import TABLES
from tests.storage import template
from tests.storage.backends import REGION, Backend

FUNCTION = "AWS::Serverless::Function"


def test_the_template_has_the_stores_tables_and_no_others() -> None:
    assert [table["TableName"] for table in template.tables("haedap-")] == [f"haedap-{name}" for name in TABLES]


def test_every_table_is_on_demand_expires_items_and_can_be_restored_to_any_point() -> None:
    for table in template.tables(""):
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


def test_removing_the_stack_does_not_remove_what_customers_wrote() -> None:
    for table in template.resources("AWS::DynamoDB::Table"):
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_a_store_prepares_a_local_server_with_the_same_tables(dynamodb_url: str) -> None:
    session = Session("test", "test", region_name=REGION)
    with closing(session.client("dynamodb", endpoint_url=dynamodb_url)) as client:
        template.create(client, "declared-")
        with closing(Backend("dynamodb", dynamodb_url, "prepared-").open()) as store:
            store.prepare()
        for name in TABLES:
            declared, prepared = (
                client.describe_table(TableName=prefix + name)["Table"] for prefix in ("declared-", "prepared-")
            )
            for part in ("KeySchema", "AttributeDefinitions", "BillingModeSummary"):
                assert prepared[part] == declared[part]
            expiry = client.describe_time_to_live(TableName="prepared-" + name)["TimeToLiveDescription"]
            assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


@pytest.mark.parametrize(("handler", "table"), [("popular", "PopularTable"), ("rollups", "RollupsTable")])
def test_the_schedules_may_read_what_they_count_and_write_only_what_they_make(handler: str, table: str) -> None:
    functions = {one["Properties"]["Handler"]: one["Properties"] for one in template.resources(FUNCTION)}
    function = functions[f"functions.{handler}.handler"]
    assert function["Events"]["Hourly"]["Properties"] == {"Schedule": "rate(1 hour)"}
    written = [policy["DynamoDBCrudPolicy"] for policy in function["Policies"] if "DynamoDBCrudPolicy" in policy]
    assert written == [{"TableName": {"!Ref": table}}]


def test_nothing_else_runs_on_a_schedule() -> None:
    assert len(template.resources(FUNCTION)) == 2

"""A company's API to try the example bots with: orders and shipments, all invented.

    python scripts/example_api.py [--port 8090]

GET /orders/{order_no} and /shipments/{tracking_no}. Try 2026112200010001 and 2026112100020002. Like a real API it tells
more than a bot should: what the bots in data/bots do not list never leaves their sources.
"""

import argparse
import sys
from collections.abc import Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from scripts.steps import guarded

ORDERS = {
    "2026112200010001": {
        "order_no": "2026112200010001",
        "product": "제주 감귤 5kg",
        "quantity": 1,
        "amount": 24900,
        "status": "배송중",
        "ordered_at": "2026-11-20",
        "tracking_no": "611900012345",
        "buyer": {"name": "보이면 안 되는 이름", "phone": "010-0000-0000"},
    },
    "2026112100020002": {
        "order_no": "2026112100020002",
        "product": "손뜨개 목도리",
        "quantity": 2,
        "amount": 58000,
        "status": "상품 준비중",
        "ordered_at": "2026-11-21",
        "tracking_no": None,
        "buyer": {"name": "보이면 안 되는 이름", "phone": "010-0000-0000"},
    },
}
SHIPMENTS = {
    "611900012345": {
        "tracking_no": "611900012345",
        "carrier": "가온택배",
        "place": "대전 허브",
        "expected_on": "2026-11-23",
        "events": ["집하 완료", "간선 상차", "대전 허브 도착"],
        "driver": {"phone": "010-0000-0001"},
    }
}


async def order(request: Request) -> JSONResponse:
    """One order, or 404."""
    return _found(ORDERS.get(request.path_params["number"]))


async def shipment(request: Request) -> JSONResponse:
    """Where a parcel is, or 404."""
    return _found(SHIPMENTS.get(request.path_params["number"]))


def _found(record: Mapping[str, object] | None) -> JSONResponse:
    if record is None:
        raise HTTPException(404)
    return JSONResponse(record)


app = Starlette(routes=[Route("/orders/{number}", order), Route("/shipments/{number}", shipment)])


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8090)
    uvicorn.run(app, port=parser.parse_args(arguments).port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whom the load script loads, and the shares that it prints. Its journeys are tested in tests/integration."""

import pytest

from scripts import bench_load
from scripts.steps import FAILED


@pytest.mark.parametrize("address", ["http://198.51.100.7:8080", "https://help.gaonmarket.example", "127.0.0.1:8080"])
def test_another_machine_is_loaded_only_when_that_is_said(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_load.main([address]) == FAILED
    assert "--any-address" in capsys.readouterr().err


def test_shares_are_those_of_the_nearest_rank() -> None:
    times = [float(n) for n in range(1, 101)]
    assert [bench_load.quantile(times, share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert bench_load.quantile([7.0], 0.5) == 7

"""A program with a directory of its own, and somebody who listens for alerts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.refresh.program import Program, Receiver, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Somebody who listens for alerts."""
    # A proxy of the machine that the tests run on would not find it.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def program(tmp_path: Path, receiver: Receiver) -> Program:
    """A program that tells the receiver and writes metrics."""
    return Program(
        tmp_path,
        {
            "REFRESH_ALERT_WEBHOOK": receiver.address,
            "REFRESH_METRICS_FILE": str(tmp_path / "metrics" / "warehouse.prom"),
        },
    )

"""What runs leave to each other."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from refresh.errors import DamagedStateError, StateError
from refresh.problems import Problem
from refresh.state import State, StateDirectory

WHOLE = '{"running": null, "problems": [], "waiting": [], "totals": {}, "last_success": null}'

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path / "state")
    state = State(
        running=("run-1", NOW),
        problems=(Problem("load", "load_failed", 'b"ad\n\u202e.csv', since=NOW, told_severity="error"),),
        waiting=({"run_id": "run-0"},),
        totals={"runs.failed": 3},
        last_success=NOW,
    )

    with directory.lock():
        assert directory.read() == State()
        directory.write(state)
        assert directory.read() == state


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    with StateDirectory(tmp_path).lock() as first, StateDirectory(tmp_path).lock() as second:
        assert first is not None
        assert second is None
    with StateDirectory(tmp_path).lock() as third:
        assert third is not None
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_runs_that_no_server_takes_do_not_pile_up_forever(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path)

    directory.write(State(waiting=tuple({"run_id": str(number)} for number in range(2_000))))

    assert [run["run_id"] for run in directory.read().waiting] == [str(number) for number in range(1_000, 2_000)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"running": 1}', '{"problems": [{"step": 1}]}', "\udcff"),
        WHOLE.replace(
            '"problems": []', '"problems": [{"step": "load", "kind": "newer", "subject": "x", "since": null}]'
        ),
        WHOLE.replace('"running": null', '"running": ["one"]'),
    ],
)
def test_a_damaged_state_is_told_from_an_unreadable_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text, errors="surrogateescape")

    with pytest.raises(DamagedStateError, match=r"state\.json is damaged and begins anew"):
        StateDirectory(tmp_path).read()


def test_a_directory_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(StateError, match=r"cannot be used: .*REFRESH_DIRECTORY"),
        StateDirectory(tmp_path / "file" / "state").lock(),
    ):
        pass

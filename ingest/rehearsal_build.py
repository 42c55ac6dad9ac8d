"""Build the models for a rehearsal: `ingest.rehearsal` runs this module as a process of its own.

It reads the project while the server still starts, and builds once it is told so. The process ends with the one that
started it, because its standard input ends then.

Arguments are the options that every command of dbt takes. Standard output gets one line of JSON: what failed.
"""

import json
import os
import sys
import threading
from typing import Any

# What a rehearsal reads, with all that it is built from.
_SELECTION = ("--select", "+superseded_transactions", "+load_outcomes", "business_day")
_NO_TESTS = ("--resource-type", "seed", "--resource-type", "model")


def _wait_for_parent(may_build: threading.Event) -> None:
    """Let the build begin at the first line of standard input, and end the process at its end."""
    sys.stdin.readline()
    may_build.set()
    sys.stdin.read()
    os._exit(1)


def _failed(outcome: Any) -> list[str]:  # noqa: ANN401 - dbt's type has no stable home
    results = getattr(outcome.result, "results", None) or []
    return [result.node.name for result in results if str(result.status) in ("error", "fail", "runtime error")]


def _build(options: list[str]) -> dict[str, Any]:
    may_build = threading.Event()
    threading.Thread(target=_wait_for_parent, args=[may_build], daemon=True).start()

    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["parse", *options])
    if not parsed.success:
        return {"is_read": False, "failed": []}
    may_build.wait()
    built = dbtRunner(manifest=parsed.result).invoke(["build", *_SELECTION, *_NO_TESTS, *options])  # type: ignore[arg-type]
    return {"is_read": True, "is_built": built.success, "failed": _failed(built)}


if __name__ == "__main__":
    # What dbt prints is not for this stream.
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        answer.write(json.dumps(_build(sys.argv[1:])))
        answer.flush()
        os._exit(0)

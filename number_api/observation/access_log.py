"""The access log: one line for every request."""

import sys

from litestar.types import Scope

from number_api.observation.json_lines import json_line

# Longer paths are mistakes or attacks, and need not fill the log.
_MAX_PATH_LENGTH = 200


def log_request(scope: Scope, method: str, status: int, seconds: float) -> None:
    """Write the line of a request. Its query is left out: people put secrets there."""
    line = json_line(
        "info",
        "request",
        {
            "request_id": scope["state"]["request_id"],
            "method": method,
            "path": scope["path"][:_MAX_PATH_LENGTH],
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "client": scope.get("user"),
        },
    )
    # Not through the logging module, which takes four times as long for a line.
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()

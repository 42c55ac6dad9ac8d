"""Log lines as JSON objects, one per line, which contain no secrets.

The text of an exception may repeat a password, or whatever a client sent, so of exceptions only the kinds and the
places are logged.
"""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec


class JsonFormatter(logging.Formatter):
    """Formats records of the logging module as JSON lines; their details come in `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line: time, level, message and details."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            fields["exceptions"] = _describe(record.exc_info[1])
        return msgspec.json.encode(fields).decode()


def logging_configuration() -> dict[str, Any]:
    """Return what logging.config.dictConfig needs to write everything as JSON lines to standard output."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
        "root": {"handlers": ["stdout"], "level": "WARNING"},
        "loggers": {"_granian": {"level": "INFO"}, "number_api": {"level": "INFO"}},
    }


def _describe(exception: BaseException | None) -> list[dict[str, object]]:
    """Return the kind of an exception and of its causes, and where each was raised."""
    chain: list[dict[str, object]] = []
    while exception and len(chain) < 10:
        frames = traceback.extract_tb(exception.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        chain.append({"type": type(exception).__qualname__, "raised_at": places})
        exception = exception.__cause__ or exception.__context__
    return chain

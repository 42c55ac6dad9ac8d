"""Processes to be killed, which start quickly: what takes long to import is there already."""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["dbt.cli.main", "ingest.partitions", "ingest.parquet", "publish.publishing"])


def start(work: Callable[..., object], *arguments: object) -> ForkServerProcess:
    """Start a function, which has to be picklable as its arguments are, with the environment of this moment."""
    # On its own it would have the environment of the first one that was ever started.
    process = _CONTEXT.Process(target=_work_in, args=(dict(os.environ), work, arguments))
    process.start()
    return process


def _work_in(environment: Mapping[str, str], work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    work(*arguments)

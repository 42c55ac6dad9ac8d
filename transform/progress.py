"""Show on standard error how far a build is."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextlib.contextmanager
def progress(title: str) -> Iterator[Callable[[Any], None]]:
    """Show what is being done; on a terminal, also how much of it is done and for how long, until it is.

    Yields:
        A function that takes dbt's events.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        click.echo(f"{title} ...", err=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def on_event(event: Any) -> None:  # noqa: ANN401 - dbt's type has no stable home
            if event.info.name == "LogStartLine":
                bar.update(task, total=event.data.total)
            elif event.info.name == "NodeFinished":
                bar.advance(task)

        yield on_event

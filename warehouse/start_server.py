"""Start the embedded server for a program that does not do so itself, such as dbt: `python -m warehouse.start_server`.

Nothing is started if the PG* variables select another server.
"""

import click

from warehouse.commands import Command
from warehouse.connection import default_conninfo


@click.command(cls=Command)
def program() -> None:
    """Start the embedded PostgreSQL, unless the PG* variables select another server."""
    default_conninfo()


if __name__ == "__main__":
    program(prog_name="python -m warehouse.start_server")

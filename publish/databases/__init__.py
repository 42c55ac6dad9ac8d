"""The databases that the marts can be published to, and what is different about each."""

from publish.databases.base import Database
from publish.databases.mysql import MySQL
from publish.databases.postgresql import PostgreSQL
from publish.databases.sqlite import SQLite

__all__ = ["DATABASES", "Database", "PostgreSQL"]

# By the name that a URL begins with.
DATABASES: dict[str, type[Database]] = {"mysql": MySQL, "mariadb": MySQL, "postgresql": PostgreSQL, "sqlite": SQLite}

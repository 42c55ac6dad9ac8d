"""The databases that tests publish to, seen as their users see them."""

import contextlib
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2

from publish.publishing import publish
from publish.results import PublishReport
from publish.target import parsed_url
from tests.publish.mariadb import MariaDB

RELATIONS = ("companies", "charges", "daily_transaction_summary")


class Target(ABC):
    """A database that is published to."""

    kind: str
    url: str

    def publish(self, schema: str = "analytics", **options: Any) -> PublishReport:
        return publish(parsed_url(self.url), schema, **options)

    @abstractmethod
    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement, commit, and return its rows."""

    def rows(self, relation: str) -> list[tuple[Any, ...]]:
        return sorted(self.query(f"select * from {relation}"), key=repr)

    @abstractmethod
    def drop_primary_key(self, table: str) -> None:
        """Take its primary key from a table to which no foreign key refers."""

    @abstractmethod
    def relations(self) -> set[str]:
        """The names of all tables and views."""

    @abstractmethod
    def locked(self) -> contextlib.AbstractContextManager[object]:
        """Hold the lock of publishers."""


class PostgreSQLTarget(Target):
    kind = "postgresql"

    def __init__(self, socket: Path, database: str) -> None:
        self._conninfo = f"host={socket} dbname={database}"
        self.url = f"postgresql:///{database}?host={socket}"

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(psycopg2.connect(self._conninfo)) as connection, connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def relations(self) -> set[str]:
        return {
            name
            for (name,) in self.query(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
            )
        }

    def drop_primary_key(self, table: str) -> None:
        self.query(f"alter table {table} drop constraint {table}_pkey")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        with contextlib.closing(psycopg2.connect(self._conninfo)) as connection:
            connection.cursor().execute("select pg_advisory_xact_lock(7078021149)")
            yield


class SQLiteTarget(Target):
    kind = "sqlite"

    def __init__(self, file: Path) -> None:
        self.file = file
        self.url = f"sqlite:///{file}"

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute("pragma foreign_keys = on")
            cursor = connection.execute(statement)
            names = [column[0] for column in cursor.description or ()]
            return [tuple(map(_as_published, names, row)) for row in cursor]

    def relations(self) -> set[str]:
        return {
            name
            for (name,) in self.query(
                "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
            )
        }

    def drop_primary_key(self, table: str) -> None:
        with contextlib.closing(sqlite3.connect(self.file)) as connection:
            # The view would keep the table from its name.
            connection.executescript(f"""
                pragma legacy_alter_table = on;
                create table keyless as select * from {table};
                drop table {table};
                alter table keyless rename to {table};
            """)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        with contextlib.closing(
            sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)
        ) as connection:
            connection.execute("begin immediate")
            yield


def _as_published(name: str, value: Any) -> Any:
    """What a text or number of SQLite stands for."""
    if name in ("amount", "total_amount"):
        return Decimal(repr(value)).quantize(Decimal("0.01"))
    if value is not None and name.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name == "transaction_date" else value


class MariaDBTarget(Target):
    kind = "mariadb"

    def __init__(self, server: MariaDB) -> None:
        self.server = server
        self.database = f"test_{uuid.uuid4().hex}"
        # As a server is that nobody has set up for us.
        server.query(f"create database {self.database} character set latin1 collate latin1_swedish_ci")
        self.url = f"mysql+pymysql://root@/{self.database}?unix_socket={server.socket}"

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        return self.server.query(statement, self.database)

    def relations(self) -> set[str]:
        return {name for (name,) in self.query("show tables")}

    def drop_primary_key(self, table: str) -> None:
        self.query(f"alter table {table} drop primary key")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        with self.server.connection(self.database) as connection, connection.cursor() as cursor:
            cursor.execute("select get_lock(concat('publish ', left(sha2(database(), 256), 32)), 0)")
            assert cursor.fetchone() == (1,)
            yield

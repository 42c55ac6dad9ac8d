"""Connect to the database that is published to, and convert its errors."""

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from publish.databases import DATABASES, Database
from publish.errors import MissingLibraryError, PublishError, TargetError
from warehouse.errors import SettingsError
from warehouse.settings import without_libpq_variables

# What installs the drivers of the databases, where the name differs from the module's.
_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
}

_WRITING = ("INSERT", "UPDATE", "DELETE")


def parsed_url(text: str, *, may_hold_password: bool = True) -> sa.URL:
    """Return a URL for SQLAlchemy.

    Args:
        text: The URL. Nothing of it is repeated in an error, since it may hold a password.
        may_hold_password: Whether it comes from where no other user can read it.

    Raises:
        SettingsError: The text is no URL, or that of an unknown database, or it holds a password that it may not.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise SettingsError(
            "The URL of the target cannot be read: write it as mysql+pymysql://USER:PASSWORD@HOST/DATABASE, with "
            "special characters in a password percent-encoded, such as %40."
        ) from None
    if not may_hold_password and (url.password or any("pass" in name or name == "pwd" for name in url.query)):
        raise SettingsError(
            "A password in an argument can be read by every user of this machine: set PUBLISH_URL, "
            "or PUBLISH_URL_FILE to a file with the URL, instead."
        )
    database = DATABASES.get(url.get_backend_name())
    if database is None:
        raise SettingsError(
            f"The marts cannot be published to {url.get_backend_name()!r}: use one of {', '.join(DATABASES)}."
        )
    return database.completed_url(url)


def public_url(url: sa.URL) -> str:
    """Return a URL without driver, user, password and options."""
    return str(sa.URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database))


@contextlib.contextmanager
def connected(url: sa.URL) -> Iterator[Database]:
    """Open a connection to the target, and close it at the end. Uncommitted changes are rolled back.

    Args:
        url: From `parsed_url`.

    Raises:
        MissingLibraryError: The driver is not installed.
        SettingsError: The driver does not exist, or cannot be used here.
        TargetError: The target cannot be reached or refuses the connection.
        TargetVersionError: It is too old.
    """
    kind = DATABASES[url.get_backend_name()]
    engine = _engine(url, kind)
    try:
        with contextlib.ExitStack() as stack:
            database = kind(stack.enter_context(_connect(engine)))
            _convert_errors(engine, database)
            database.prepare()
            yield database
    finally:
        engine.dispose()


def _connect(engine: sa.Engine) -> sa.Connection:
    try:
        # They say where the warehouse is; this connection must not lead there, nor take a password from there.
        with without_libpq_variables():
            return engine.connect()
    except OSError as error:
        raise SettingsError(
            f"A file that the options of the URL name cannot be read: {error.strerror or 'unknown reason'}."
        ) from None
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        # What drivers make of options that they do not know. What they say of them may hold their values.
        raise SettingsError(
            f"{engine.dialect.driver} cannot be called with the options of the URL, which begin after its question "
            "mark: see its documentation."
        ) from None


def _engine(url: sa.URL, kind: type[Database]) -> sa.Engine:
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, **kind.engine_options(url))
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        raise MissingLibraryError(
            f"The driver {module!r} is not installed: pip install {_PACKAGES.get(module, module)}, "
            f"or name {kind.default_driver} in the URL, which `make publish` installs."
        ) from None
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ValueError, TypeError):
        raise SettingsError(
            "The URL of the target names a driver or an option that SQLAlchemy does not know. "
            f"The usual driver for {url.get_backend_name()} is {kind.default_driver}."
        ) from None
    if engine.dialect.is_async:
        raise SettingsError(f"{url.get_driver_name()} is an asynchronous driver: use {kind.default_driver}.")

    @sa.event.listens_for(engine, "handle_error")
    def _refused(context: sa.engine.ExceptionContext) -> None:
        if context.connection is None:
            reason = kind.explain(context.original_exception, writes_rows=False)
            raise TargetError(f"No connection to {public_url(url)}: {reason}. {kind.connection_advice}") from None

    return engine


def _convert_errors(engine: sa.Engine, database: Database) -> None:
    """Raise TargetError for whatever the database refuses."""

    @sa.event.listens_for(engine, "handle_error")
    def _refused(context: sa.engine.ExceptionContext) -> None:
        if isinstance(context.original_exception, PublishError):
            # From the conversion of a value.
            raise context.original_exception
        if not isinstance(context.sqlalchemy_exception, sa.exc.DBAPIError):
            return
        statement = (context.statement or "").lstrip().upper()
        reason = database.explain(context.original_exception, writes_rows=statement.startswith(_WRITING))
        if context.is_disconnect:
            raise TargetError(
                f"The connection to the target was lost ({reason}). Run the same command again."
            ) from None
        raise TargetError(
            f"The target refused a statement, and its readers still see what was published last: {reason}."
        ) from None

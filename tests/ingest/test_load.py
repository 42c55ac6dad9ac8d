"""Loads into a real PostgreSQL: what is kept, what is refused, and what happens when it is interrupted."""

import contextlib
import functools
import gzip
import io
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings

from ingest import DataLoader, LoadReport
from ingest.errors import (
    HeaderError,
    LoadNotFoundError,
    SourceError,
    TooManyRejectsError,
)
from tests.conftest import CHECKOUT, administer, query
from tests.ingest.hostile_files import files
from tests.ingest.reference_reader import read, value
from tests.waiting import wait_until
from warehouse.embedded import EmbeddedServer
from warehouse.errors import ConnectionFailedError, DatabaseEncodingError, ServerVersionError

HEADER = b"id,name,company_id,amount,status,created_at,paid_at\n"
ROWS = "select id, name, company_id, amount, status, created_at, paid_at from raw.raw_transactions order by _row_number"
FIRST_ROW = ("1", "2", "3", "4", "5", "6", "7")


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "payments.csv"


def load(path: Path, content: bytes, **options: Any) -> LoadReport:
    path.write_bytes(content)
    return DataLoader().load_csv_to_database(str(path), **options)


@functools.cache
def big(rows: int) -> bytes:
    return HEADER + b"".join(b"%d,a name,c1,1.50,paid,2019-01-01,2019-01-02\n" % number for number in range(rows))


def test_keeps_every_byte_and_null_apart_from_empty(database: str, csv: Path) -> None:
    report = load(csv, HEADER + b'1," x ",,"",\xc3\xa9,"a\r\n""b""",\\N\n')

    assert query(database, ROWS) == [("1", " x ", None, "", "é", 'a\r\n"b"', "\\N")]
    assert report


@pytest.mark.parametrize("hostile", ["\\.", "'; drop table raw.loads; --", "=1+1", "%s", "{columns}", "$1", "\\x41"])
def test_content_is_data(database: str, csv: Path, hostile: str) -> None:
    load(csv, HEADER + f"{hostile},2,3,4,5,6,7\n".encode() + f'1,"{hostile}\n{hostile}",3,4,5,6,7\n'.encode())

    assert query(database, ROWS) == [(hostile, *FIRST_ROW[1:]), ("1", f"{hostile}\n{hostile}", *FIRST_ROW[2:])]


def test_a_file_name_is_data(database: str, tmp_path: Path) -> None:
    name = "'; drop table raw.loads; -- %s [bold] $(true).csv"
    load(tmp_path / name, HEADER + b"1,2,3,4,5,6,7\n")

    assert query(database, "select source_name from raw.loads") == [(name,)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=files())
def test_hostile_files_arrive_as_a_plain_reader_reads_them(database: str, csv: Path, data: bytes) -> None:
    csv.write_bytes(HEADER + data)
    report = DataLoader().load_csv_to_database(str(csv), force=True)

    expected = read(
        data,
        delimiter=b",",
        fields=7,
        used=tuple(range(7)),
        terminator=report.line_terminator.encode(),
        after_header=False,
        longest=1 << 20,
    )
    numbered = [(number, row) for number, row in enumerate(expected.rows, 1) if row is not None]
    in_table = "select _row_number, id, name, company_id, amount, status, created_at, paid_at from raw.raw_transactions"
    assert query(database, f"{in_table} where _load_id = %s order by 1", report.load_id) == [
        (number, *map(value, row)) for number, row in numbered
    ]
    rejected = query(
        database,
        "select row_number, reason, record from raw.rejected_rows where load_id = %s order by 1",
        report.load_id,
    )
    assert [(number, reason, bytes(record)) for number, reason, record in rejected] == expected.rejected
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (
        len(expected.rows),
        len(numbered),
        len(expected.rejected),
    )
    assert DataLoader().validate_data_integrity()


def test_rejected_records_keep_their_number_and_bytes(database: str, csv: Path) -> None:
    report = load(csv, HEADER + b"1,2,3,4,5,6,7\nx\n1,\xff,3,4,5,6,7\n2,2,3,4,5,6,7\n")

    rejected = query(database, "select row_number, reason, record from raw.rejected_rows order by 1")
    assert [(number, reason, bytes(record)) for number, reason, record in rejected] == [
        (2, "wrong_field_count", b"x"),
        (3, "invalid_encoding", b"1,\xff,3,4,5,6,7"),
    ]
    assert query(database, "select _row_number from raw.raw_transactions order by 1") == [(1,), (4,)]
    assert report.rejected_by_reason == {"invalid_encoding": 1, "wrong_field_count": 1}
    assert [(found.row_number, found.preview) for found in report.rejected_examples] == [
        (2, "x"),
        (3, "1,\\xff,3,4,5,6,7"),
    ]


def test_the_same_content_loads_once_whatever_its_name(database: str, tmp_path: Path) -> None:
    content = HEADER + b"1,2,3,4,5,6,7\n"
    first = load(tmp_path / "first.csv", content)
    again = load(tmp_path / "again.csv", content)
    compressed = load(tmp_path / "again.csv.gz", gzip.compress(content))

    assert [report.status for report in (first, again, compressed)] == ["loaded", "already loaded", "already loaded"]
    assert (again.source_name, again.loaded_as, again.load_id) == ("again.csv", "first.csv", first.load_id)
    assert query(database, ROWS) == [FIRST_ROW]
    assert query(database, "select count(*) from raw.loads") == [(1,)]


def test_a_file_that_is_loaded_already_is_not_copied_to_find_out(database: str, tmp_path: Path) -> None:
    contents = {
        "plain.csv": HEADER + b"1,2,3,4,5,6,7\n",
        "compressed.csv.gz": gzip.compress(HEADER + b"2,2,3,4,5,6,7\n"),
    }
    for name, content in contents.items():
        load(tmp_path / name, content)
        assert load(tmp_path / name, content).status == "already loaded"

    # A copy that is rolled back would have taken a number.
    assert query(database, "select load_id from raw.loads order by 1") == [(1,), (2,)]
    assert load(tmp_path / "compressed.csv.gz", gzip.compress(HEADER + b"3,2,3,4,5,6,7\n")).load_id == 3


def test_force_replaces_the_load_under_a_new_number(database: str, csv: Path) -> None:
    first = load(csv, HEADER + b"1,2,3,4,5,6,7\nbad\n")
    second = load(csv, csv.read_bytes(), force=True)

    assert second.replaced_load_id == first.load_id
    assert second.load_id > first.load_id
    assert query(database, ROWS) == [FIRST_ROW]
    assert query(database, "select load_id from raw.loads") == [(second.load_id,)]
    assert query(database, "select load_id from raw.rejected_rows") == [(second.load_id,)]


def test_load_numbers_are_never_used_again(database: str, csv: Path) -> None:
    first = load(csv, HEADER + b"1,2,3,4,5,6,7\n")
    query(database, "delete from raw.raw_transactions; delete from raw.loads; select 1")

    assert load(csv, csv.read_bytes()).load_id > first.load_id


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", HeaderError, "empty"),
        (b"\r\n\r\n,,,,,,\r\n", HeaderError, "empty"),
        (b"id,name,company_id,amount,status,created_at\n1,2,3,4,5,6\n", HeaderError, "lacks paid_at"),
        (b"foo,bar,baz,qux,quux,corge,grault\n1,2,3,4,5,6,7\n", HeaderError, "lacks id, name"),
        (HEADER.replace(b"name", b"id") + b"1,2,3,4,5,6,7\n", HeaderError, "lacks name"),
        (HEADER.replace(b",", b",id,", 1), HeaderError, "names id more than once"),
        (b'"id,name\n' * 20_000, HeaderError, "cannot be read"),
        (HEADER + b"x" * (20 << 20), SourceError, "no line end"),
        (gzip.compress(HEADER + os.urandom(100_000))[:-50_000], SourceError, "damaged"),
        (gzip.compress(HEADER)[:-8] + b"12345678", SourceError, "damaged"),
        (b"\x28\xb5\x2f\xfdnothing of the kind", SourceError, "damaged"),
    ],
    # Names of their own: those made of the bytes would differ between processes, as a gzip file holds the time.
    ids=[
        "empty",
        "blank records",
        "a column is missing",
        "columns of something else",
        "a name instead of another",
        "a name twice",
        "endless quotes",
        "endless line",
        "gzip cut off",
        "gzip with a wrong checksum",
        "no zstd",
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    database: str, csv: Path, content: bytes, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as raised:
        load(csv, content)

    assert str(raised.value).startswith("payments.csv: ")
    assert "\n" not in str(raised.value)
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]


def test_a_missing_file_is_one_line(database: str) -> None:
    with pytest.raises(SourceError, match=r"^nowhere.csv: No such file or directory\. Check"):
        DataLoader().load_csv_to_database("nowhere.csv")


@pytest.mark.parametrize("limit", [{"max_rejects": 1}, {"max_reject_ratio": 0.5}])
def test_too_many_rejects_leave_nothing(database: str, csv: Path, limit: dict[str, float]) -> None:
    with pytest.raises(TooManyRejectsError, match="nothing was loaded. The first one is row 2: wrong_field_count"):
        load(csv, HEADER + b"1,2,3,4,5,6,7\nx\ny\n", **limit)

    assert query(database, "select to_regclass('raw.loads')") == [(None,)]
    assert load(csv, csv.read_bytes(), max_rejects=2, max_reject_ratio=0.7).rows_rejected == 2


@pytest.mark.parametrize(
    ("header", "fields", "ignored"),
    [
        (b"ID,Name,COMPANY_ID,amount,status,created_at,paid_at\n", b"1,2,3,4,5,6,7", ()),
        (b'"id"," name ","company_id",amount,status,created_at,paid_at\n', b"1,2,3,4,5,6,7", ()),
        (b"\xef\xbb\xbf" + HEADER, b"1,2,3,4,5,6,7", ()),
        (b"paid_at,created_at,status,amount,company_id,name,id\n", b"7,6,5,4,3,2,1", ()),
        (b"x,id,name,company_id,amount,y,status,created_at,paid_at\n", b'"a\nb",1,2,3,4,,5,6,7', ("x", "y")),
        (b"\n\n" + HEADER, b"1,2,3,4,5,6,7", ()),
    ],
)
def test_headers(database: str, csv: Path, header: bytes, fields: bytes, ignored: tuple[str, ...]) -> None:
    report = load(csv, header + fields + b"\n")

    assert query(database, ROWS) == [FIRST_ROW]
    assert (report.has_header, report.ignored_columns) == (True, ignored)


def test_a_file_without_a_header(database: str, csv: Path) -> None:
    report = load(csv, b"1,2,3,4.0,paid,2019-01-01,\n")

    assert query(database, ROWS) == [("1", "2", "3", "4.0", "paid", "2019-01-01", None)]
    assert not report.has_header


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiters(database: str, csv: Path, delimiter: str) -> None:
    text = HEADER.decode() + '1,"a,b;c\td|e",3,4,5,6,7\n'
    protected = text.replace("a,b;c\td|e", "@").replace(",", delimiter).replace("@", "a,b;c\td|e")
    report = load(csv, protected.encode() + b"rejected\n", delimiter=delimiter)

    assert query(database, ROWS) == [("1", "a,b;c\td|e", *FIRST_ROW[2:])]
    assert report.rows_rejected == 1


@pytest.mark.parametrize(
    ("encoding", "option"),
    [("utf-16", {}), ("utf-8-sig", {}), ("latin-1", {"encoding": "latin-1"}), ("cp1252", {"encoding": "windows-1252"})],
)
def test_encodings(database: str, csv: Path, encoding: str, option: dict[str, str]) -> None:
    load(csv, (HEADER.decode() + "1,Café,3,4,5,6,7\n").encode(encoding), **option)

    assert query(database, "select name from raw.raw_transactions") == [("Café",)]


@pytest.mark.parametrize(
    ("content", "option"),
    [
        ((HEADER.decode() + "1,a\ud800b,3,4,5,6,7\n2,2,3,4,5,6,7\n").encode("utf-16", "surrogatepass"), {}),
        (HEADER + b"1,a\x81b,3,4,5,6,7\n2,2,3,4,5,6,7\n", {"encoding": "cp1252"}),
        (HEADER.decode().encode("utf-16-le") + b"x", {"encoding": "utf-16-le"}),
    ],
)
def test_what_is_invalid_in_an_encoding_is_rejected(
    database: str, csv: Path, content: bytes, option: dict[str, str]
) -> None:
    report = load(csv, content, **option)

    assert report.rejected_by_reason == {"invalid_encoding": 1}


def test_an_unknown_encoding_is_one_line(database: str, csv: Path) -> None:
    with pytest.raises(SourceError, match="Unknown encoding 'rot13'"):
        load(csv, HEADER, encoding="rot13")


def test_compressed_files_and_their_members(database: str, csv: Path) -> None:
    import pyarrow as pa

    zstandard = pa.compress(HEADER + b"1,2,3,4,5,6,7\n", codec="zstd", asbytes=True)
    assert load(csv, gzip.compress(HEADER) + gzip.compress(b"1,2,3,4,5,6,7\n")).rows_loaded == 1
    assert load(csv, zstandard).status == "already loaded"


def test_standard_input(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HEADER + b"1,2,3,4,5,6,7\n")))
    report = DataLoader().load_csv_to_database("-")

    assert (report.source_name, report.rows_loaded) == ("-", 1)


@pytest.mark.parametrize("victim", ["loader", "backend", "session", "keyboard"])
def test_killed_in_the_middle_it_leaves_nothing_and_the_next_run_completes(
    database: str, csv: Path, victim: str
) -> None:
    content = big(600_000)
    DataLoader().migrate_raw_schema()
    for sent in (len(content) // 50, len(content) // 2):
        # A pipe that stays open keeps the load from ending before it is killed.
        os.mkfifo(csv)
        loader = subprocess.Popen(
            [sys.executable, "-m", "ingest", "load", str(csv), "missing.csv"],
            cwd=CHECKOUT,
            stderr=subprocess.PIPE,
            text=True,
        )
        with csv.open("wb", buffering=0) as pipe:
            pipe.write(content[:sent])
            backend = wait_for_copy(database, loader)
            if victim == "loader":
                loader.kill()
            elif victim == "keyboard":
                loader.send_signal(signal.SIGINT)
            elif victim == "backend":
                os.kill(backend, signal.SIGKILL)
            else:
                query(database, "select pg_terminate_backend(%s, 60000)", backend)
        _, error = loader.communicate()
        if victim == "keyboard":
            assert error == "payments.csv: the load was interrupted; nothing was loaded.\n\nAborted!\n"
        elif victim != "loader":
            interrupted, missing = error.splitlines()
            assert interrupted.startswith("Error: payments.csv: the load was interrupted and rolled back (")
            assert missing.startswith("Error: missing.csv: ")
        assert loader.returncode
        wait_for_server(database)
        assert (
            query(database, "select load_id from raw.loads union all select _load_id from raw.raw_transactions") == []
        )
        csv.unlink()
    report = load(csv, content)

    assert query(database, "select count(*) from raw.raw_transactions") == [(600_000,)]
    assert report.rows_loaded == 600_000


def wait_for_copy(database: str, loader: subprocess.Popen[str]) -> int:
    """The backend of the loader once it copies rows."""
    copying = "select pid from pg_stat_progress_copy where relid = 'raw.raw_transactions'::regclass"
    while not (found := query(database, copying)):
        assert loader.poll() is None, "the loader has ended"
    return int(found[0][0])


def wait_for_server(database: str) -> None:
    """After the kill of a backend the server ends all others and recovers."""

    def answers() -> bool:
        try:
            return query(database, "select 1") == [(1,)]
        except psycopg2.OperationalError:
            return False

    wait_until(answers, "the server to come back")


def test_two_loaders_of_one_file_load_it_once(database: str, csv: Path) -> None:
    csv.write_bytes(big(50_000))
    command = [sys.executable, "-m", "ingest", "load", str(csv)]
    loaders = [subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [loader.communicate()[0] for loader in loaders]

    assert [loader.returncode for loader in loaders] == [0, 0]
    assert sorted("is already loaded as load 1; nothing was changed" in output for output in outputs) == [False, True]
    assert query(database, "select count(*) from raw.raw_transactions") == [(50_000,)]


def test_readers_see_the_old_rows_until_the_new_ones_are_there(database: str, csv: Path) -> None:
    content = big(100_000)
    load(csv, content)
    seen = set()
    loader = threading.Thread(target=lambda: DataLoader().load_csv_to_database(str(csv), force=True))
    loader.start()
    while loader.is_alive():
        seen |= set(
            query(
                database,
                "set lock_timeout = '500ms'; select count(*), count(distinct _load_id) from raw.raw_transactions",
            )
        )

    assert seen == {(100_000, 1)}


def test_a_disk_that_takes_no_more_leaves_nothing(server: EmbeddedServer, database: str, csv: Path) -> None:
    load(csv, HEADER + b"1,2,3,4,5,6,7\n")
    content = big(400_000)
    csv.unlink()
    # A pipe that stays open keeps the load from ending before its disk is full.
    os.mkfifo(csv)
    loader = subprocess.Popen(
        [sys.executable, "-m", "ingest", "load", str(csv)], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True
    )
    with contextlib.suppress(BrokenPipeError), csv.open("wb", buffering=0) as pipe:
        pipe.write(content[:1_000_000])
        backend = wait_for_copy(database, loader)
        # Above the size of a log segment, without which the server could not go on, and below that of the table. Only
        # the process's own account may set its limits for sure, root may not everywhere.
        account = server.account
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        limit = ["prlimit", f"--pid={backend}", f"--fsize={20 << 20}"]
        subprocess.run(limit, check=True, **identity)  # type: ignore[call-overload]
        pipe.write(content[1_000_000:])
    _, error = loader.communicate()
    csv.unlink()

    assert loader.returncode == 1
    assert re.fullmatch("Error: payments.csv: .*rolled back.*could not extend file.*\n", error)
    assert query(database, "select count(*) from raw.raw_transactions") == [(1,)]
    assert load(csv, content).rows_loaded == 400_000


def test_an_unreachable_server_is_one_line(monkeypatch: pytest.MonkeyPatch, csv: Path) -> None:
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGPASSWORD", "hunter2")

    with pytest.raises(ConnectionFailedError, match="No connection to PostgreSQL") as raised:
        load(csv, HEADER)
    assert "\n" not in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "conninfo",
    [
        "host=x hunter2",
        "hunter2",
        "postgresql://me:hun@ter2@nowhere.invalid/x",
        "postgresql://me:hun/ter2@nowhere.invalid/x",
        "postgresql://me:1/ter2@nowhere.invalid/x",
        "postgresql://me:hun#ter2@nowhere.invalid/x",
        "postgresql://me:hun@t/er2@nowhere.invalid/x",
    ],
)
def test_a_broken_connection_string_is_not_repeated(conninfo: str, csv: Path) -> None:
    csv.write_bytes(HEADER)

    with pytest.raises(ConnectionFailedError) as raised:
        DataLoader(conninfo).load_csv_to_database(str(csv))
    assert "ter2" not in str(raised.value)


@pytest.mark.parametrize("place", ["/a%40b?host=127.0.0.1&port=1", "/x?host=/home/me@corp"])
def test_an_at_sign_that_is_part_of_no_password_is_taken(place: str, csv: Path) -> None:
    csv.write_bytes(HEADER)

    with pytest.raises(ConnectionFailedError, match="No connection to PostgreSQL"):
        DataLoader(f"postgresql://{place}").load_csv_to_database(str(csv))


def test_each_host_of_a_connection_string_is_tried(database: str, csv: Path) -> None:
    csv.write_bytes(HEADER)

    with pytest.raises(ConnectionFailedError, match="No connection to PostgreSQL: .* port 1 .* port 2 ") as raised:
        DataLoader("postgresql://me:hunter2@127.0.0.1:1,127.0.0.1:2/x").load_csv_to_database(str(csv))
    assert "hunter2" not in str(raised.value)


def test_removed_loads_are_gone_and_may_come_again(database: str, csv: Path) -> None:
    for number in b"123":
        load(csv, HEADER + b"%d,2,3,4,5,6,7\nragged\n" % number)
    with pytest.raises(LoadNotFoundError, match="Load 9 does not exist, so nothing was removed"):
        DataLoader().remove_loads([1, 9])
    assert query(database, "select load_id from raw.loads order by 1") == [(1,), (2,), (3,)]

    report = DataLoader().remove_loads([3, 1, 3])

    assert [(removed.load_id, removed.source_name, removed.rows_read) for removed in report.loads] == [
        (3, "payments.csv", 2),
        (1, "payments.csv", 2),
    ]
    for table, column in (("loads", "load_id"), ("raw_transactions", "_load_id"), ("rejected_rows", "load_id")):
        assert query(database, f"select {column} from raw.{table}") == [(2,)]
    assert load(csv, csv.read_bytes()).load_id == 4
    assert DataLoader().validate_data_integrity()


def test_validate_finds_lost_and_doubled_rows(database: str, csv: Path) -> None:
    load(csv, HEADER + b"1,2,3,4,5,6,7\n2,2,3,4,5,6,7\nbad\n")
    loader = DataLoader()
    assert loader.validate_data_integrity()

    query(database, "delete from raw.raw_transactions where id = '1'; select 1")
    lost = loader.validate_data_integrity()
    query(
        database,
        "insert into raw.raw_transactions (id, _load_id, _row_number) select id, _load_id, _row_number "
        "from raw.raw_transactions; select 1",
    )
    doubled = loader.validate_data_integrity()

    assert not lost
    assert lost.loads[0].found_loaded == 1
    assert not doubled
    assert (doubled.loads[0].found_loaded, doubled.loads[0].is_numbered_through) == (2, False)


def test_a_server_before_postgresql_17_is_refused(old_server: str, csv: Path) -> None:
    csv.write_bytes(HEADER)

    with pytest.raises(ServerVersionError, match="This server is PostgreSQL 16, but PostgreSQL 17 or newer is needed"):
        DataLoader(old_server).load_csv_to_database(str(csv))


def test_a_database_that_is_not_utf_8_is_refused_before_anything_is_made(
    server: EmbeddedServer, csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csv.write_bytes(HEADER)
    administer(server, "create database latin1_load encoding 'LATIN1' locale 'C' template template0")
    conninfo = f"host={server.socket} dbname=latin1_load"

    with pytest.raises(DatabaseEncodingError, match="database latin1_load has the encoding LATIN1, but UTF8 is needed"):
        DataLoader(conninfo).load_csv_to_database(str(csv))

    assert query(conninfo, "select to_regnamespace('raw') is null") == [(True,)]
    administer(server, "drop database latin1_load with (force)")


def test_memory_does_not_grow_with_the_file(database: str, csv: Path) -> None:
    peaks = []
    for rows in (100_000, 1_000_000):
        csv.write_bytes(big(rows))
        script = (
            "import re, sys; from ingest import DataLoader; DataLoader().load_csv_to_database(sys.argv[1]);"
            "print(re.search(r'VmHWM:\\s+([0-9]+) kB', open('/proc/self/status').read())[1])"
        )
        command = [sys.executable, "-c", script, str(csv)]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)

    assert peaks[1] < min(100, 1.2 * peaks[0])

"""Files at addresses, from real servers on this machine: what is read, what is refused, and what is never said."""

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ingest.source import source_name
from tests.conftest import CHECKOUT, query
from tests.ingest.file_server import (
    FileServer,
    chunked,
    cut,
    endless,
    garbage,
    nothing,
    redirect,
    serve,
    short,
    status,
    whole,
)
from tests.ingest.program import run
from tests.ingest.test_compression import COMPRESSIONS

HEADER = b"id,name,company_id,amount,status,created_at,paid_at\n"
CONTENT = HEADER + b"1,2,3,4,5,6,7\n"
LARGE = HEADER + b"".join(b"%d,a name,c1,1.50,paid,2019-01-01,2019-01-02\n" % number for number in range(30_000))

SIGNED = "?X-Amz-Credential=AKIAhunter2&X-Amz-Signature=hunter2%2Fhunter2"
ADVICE = "Check the address, your access to it and the network."


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def files() -> Iterator[FileServer]:
    with serve() as server:
        yield server


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "server.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command: list[str | Path] = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        path,
        "-out",
        path,
        *subject,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return path


def loaded(database: str, address: str, **environment: Any) -> dict[str, Any]:
    done = run("load", "--json", address, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    [report] = json.loads(done.stdout)["loads"]
    return dict(report)


def refused(database: str, *arguments: str, **environment: Any) -> str:
    """The one line that is printed. Nothing is loaded, and no secret is in it."""
    done = run("load", *arguments, **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch("Error: [^\n]+\n", done.stderr)
    for secret in ("hunter2", "AKIA", "X-Amz"):
        assert secret not in done.stderr
    assert query(database, "select to_regclass('raw.loads')") == [(None,)]
    return done.stderr.removeprefix("Error: ").rstrip("\n")


def test_a_file_is_loaded_under_the_last_part_of_its_path(database: str, files: FileServer) -> None:
    files.answers["/exports/payments.csv"] = whole(CONTENT)
    address = f"{files.address}/exports/payments.csv{SIGNED}".replace("//", "//me:hunter2@")
    first, second = loaded(database, address), loaded(database, address)

    assert (first["status"], first["source_name"], first["rows_loaded"]) == ("loaded", "payments.csv", 1)
    assert second["status"] == "already loaded"
    assert query(database, "select source_name from raw.loads") == [("payments.csv",)]
    # One request a load, exactly as it was signed.
    assert [request.splitlines()[0] for request in files.requests] == [
        f"GET /exports/payments.csv{SIGNED} HTTP/1.1"
    ] * 2
    assert "Authorization: Basic bWU6aHVudGVyMg==" in files.requests[0]


def test_reports_do_not_tell_where_a_file_came_from(database: str, files: FileServer) -> None:
    files.answers["/payments.csv"] = whole(CONTENT + b"ragged\n")
    address = f"{files.address}/payments.csv{SIGNED}"
    outputs = [run("load", address), run("load", address, "--json"), run("validate"), run(INGEST_INPUT=address)]

    for done in outputs:
        assert done.returncode == 0
        assert "payments.csv" in done.stdout
        assert "hunter2" not in done.stdout + done.stderr
        assert "127.0.0.1" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed_files(database: str, files: FileServer, name: str) -> None:
    files.answers["/payments"] = whole(COMPRESSIONS[name](LARGE))

    assert loaded(database, f"{files.address}/payments")["rows_loaded"] == 30_000


def test_content_that_the_server_compresses_unasked(database: str, files: FileServer) -> None:
    files.answers["/payments.csv"] = whole(gzip.compress(CONTENT), "Content-Encoding: gzip")

    assert loaded(database, f"{files.address}/payments.csv")["rows_loaded"] == 1
    assert "Accept-Encoding: identity" in files.requests[0]


def test_content_that_ends_too_early_although_the_server_compressed_it(database: str, files: FileServer) -> None:
    files.answers["/payments.csv"] = whole(gzip.compress(LARGE)[:-9], "Content-Encoding: gzip")

    assert "the compressed content is damaged" in refused(database, f"{files.address}/payments.csv")


def test_chunks_and_redirects(database: str, files: FileServer) -> None:
    files.answers |= {
        "/here": redirect("/there.csv"),
        "/there.csv": chunked(HEADER[:3], HEADER[3:], b"1,2,3,4,5,6,7\n"),
    }

    assert loaded(database, f"{files.address}/here")["source_name"] == "here"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "HTTP status 404 Not Found"),
        (status(403), "HTTP status 403 Forbidden"),
        (status(500), "HTTP status 500 Internal Server Error"),
        (status(799), "HTTP status 799"),
        (redirect(f"/payments.csv{SIGNED}"), "too many redirects"),
        (redirect("ftp://me:hunter2@127.0.0.1/hunter2"), "it redirects to another kind of address"),
        (cut(LARGE[:1_000_000], len(LARGE)), "the connection was cut before the end of the file"),
        (short(LARGE[:1_000_000], len(LARGE)), "the connection was cut before the end of the file"),
        (short(b"", len(LARGE)), "the connection was cut before the end of the file"),
        (chunked(LARGE[:1_000_000], end=b""), "the connection was cut before the end of the file"),
        (chunked(LARGE[:1_000_000], end=b"zz\r\n"), "the connection was cut"),
        (nothing, "the connection was cut"),
        (garbage, "the response is not HTTP"),
    ],
    ids=[
        "missing", "forbidden", "failing", "unheard of", "redirect loop", "redirect elsewhere", "cut", "short", "empty",
        "chunks cut", "chunks broken", "silent", "not HTTP",
    ],
)  # fmt: skip
def test_what_a_server_does_wrong_is_one_line(database: str, files: FileServer, answer: Any, says: str) -> None:
    if answer:
        files.answers["/payments.csv"] = answer
    address = f"{files.address}/payments.csv{SIGNED}".replace("//", "//me:hunter2@")

    assert refused(database, address) == f"payments.csv: cannot be read ({says}). {ADVICE}"


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_cut_is_no_damage_of_the_compressed_content(database: str, files: FileServer, name: str) -> None:
    data = COMPRESSIONS[name](LARGE)
    files.answers["/payments"] = cut(data[: len(data) * 3 // 4], len(data))

    assert "the connection was cut before the end" in refused(database, f"{files.address}/payments")


def test_a_file_without_a_length_is_refused(database: str, files: FileServer) -> None:
    files.answers["/payments.csv"] = endless(CONTENT)

    assert refused(database, f"{files.address}/payments.csv") == (
        "payments.csv: cannot be read (the server does not say where it ends, so part of it could be missing). "
        "Download the file and load it from the disk."
    )


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://127.0.0.1:1/payments.csv", "Connection refused"),
        ("http://nowhere.invalid/payments.csv", "the server's name cannot be resolved"),
        ("http://[::1/payments.csv", "the address is not valid"),
        ("http://127.0.0.1:99999/payments.csv", "the address is not valid"),
        ("http:///payments.csv", "the address is not valid"),
    ],
)
def test_a_server_that_is_not_there_is_one_line(database: str, address: str, says: str) -> None:
    assert refused(database, address + SIGNED) == f"payments.csv: cannot be read ({says}). {ADVICE}"


def test_certificates_are_checked(database: str, certificate: Path) -> None:
    with serve(certificate) as server:
        server.answers["/payments.csv"] = whole(CONTENT)
        address = f"{server.address}/payments.csv"

        assert refused(database, address + SIGNED) == (
            f"payments.csv: cannot be read (its certificate is not valid). {ADVICE}"
        )
        assert loaded(database, address, SSL_CERT_FILE=str(certificate))["rows_loaded"] == 1


def test_tls_with_a_server_that_does_not_speak_it_is_one_line(database: str, files: FileServer) -> None:
    address = files.address.replace("http:", "https:")

    assert refused(database, f"{address}/payments.csv") == (
        f"payments.csv: cannot be read (it does not speak TLS as expected). {ADVICE}"
    )


def test_a_proxy_of_the_environment_is_used(database: str, files: FileServer) -> None:
    files.answers["http://elsewhere.invalid/payments.csv"] = whole(CONTENT)

    assert loaded(database, "http://elsewhere.invalid/payments.csv", http_proxy=files.address)["rows_loaded"] == 1


def test_a_server_that_stops_sending_is_given_up(database: str, files: FileServer) -> None:
    stopped = threading.Event()

    def stop(connection: Any, path: str) -> None:
        short(LARGE[:1_000_000], len(LARGE))(connection, path)
        stopped.wait(60)

    files.answers["/payments.csv"] = stop
    script = (
        "import sys, ingest.remote; ingest.remote._SILENCE_SECONDS = 0.5\n"
        "from ingest.cli import program; program(['load', sys.argv[1]])"
    )
    command = [sys.executable, "-c", script, f"{files.address}/payments.csv{SIGNED}"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    stopped.set()

    assert (done.returncode, done.stderr) == (
        1,
        f"Error: payments.csv: cannot be read (the server does not respond). {ADVICE}\n",
    )


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (
            "https://me:hunter2@127.0.0.1/*.csv" + SIGNED,
            "patterns match only files on this machine. Name each address.",
        ),
        ("sftp://me:hunter2@127.0.0.1/payments.csv", "files cannot be read from sftp:// addresses. Use one of http, "),
        (
            "gs://bucket/payments.csv",
            "run `make remote`, then `.venv/bin/pip install gcsfs`",
        ),
        (
            "az://bucket/payments.csv",
            "run `make remote`, then `.venv/bin/pip install adlfs`",
        ),
    ],
)
def test_what_cannot_be_read_from_is_one_line(database: str, address: str, says: str) -> None:
    assert says in refused(database, address)


@pytest.mark.parametrize("missing", ["fsspec", "aiohttp", "s3fs"])
def test_without_the_extra_one_line_says_which(database: str, tmp_path: Path, missing: str) -> None:
    # Where it is not installed, an import fails as it does here.
    (tmp_path / f"{missing}.py").write_text("raise ModuleNotFoundError")
    address = "s3://bucket/payments.csv" if missing == "s3fs" else "https://127.0.0.1/payments.csv"

    scheme = address.partition(":")[0]
    assert refused(database, address, PYTHONPATH=str(tmp_path)) == (
        f"payments.csv: reading {scheme}:// addresses needs further libraries: run `make remote`"
    )


def test_files_on_this_machine_do_without_the_extra(database: str, tmp_path: Path) -> None:
    script = (
        "import sys; from ingest import DataLoader; DataLoader().load_csv_to_database(sys.argv[1]);"
        "print(sorted({'fsspec', 'aiohttp', 's3fs'} & set(sys.modules)))"
    )
    (tmp_path / "payments.csv").write_bytes(CONTENT)
    command = [sys.executable, "-c", script, str(tmp_path / "payments.csv")]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["https://payments.csv", "s3://bucket/payments.csv"])
def test_a_file_whose_name_looks_like_an_address_is_a_file(database: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    done = run("load", "--json", name, directory=tmp_path, PYTHONPATH=str(CHECKOUT))

    assert (done.returncode, json.loads(done.stdout)["loads"][0]["source_name"]) == (0, "payments.csv")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://host/a/b.csv?c=/d.csv", "b.csv"),
        ("https://host/b.csv#/d", "b.csv"),
        ("https://host/a/", "a"),
        ("https://me:hunter2@host:80/b%20c.csv", "b%20c.csv"),
        ("https://me:hunter2@host/a@b.csv", "a@b.csv"),
        ("https://me:hunter2@host", "host"),
        ("https://host:80?hunter2", "host"),
        ("https://me:hun?ter2@host/b.csv", "me"),
        ("https://me:hun/ter2@host", "host"),
        ("https://me:1/ter2@host", "host"),
        ("https://me:hun#ter2@host/b.csv", "me"),
        ("https://host/a\n\x1b[31m.csv", "a[31m.csv"),
        ("s3://bucket/a/b@c.csv", "b@c.csv"),
        ("s3://bucket", "bucket"),
        ("https://", "https"),
    ],
)
def test_the_name_of_a_file_holds_no_secret(address: str, name: str) -> None:
    assert source_name(address) == name


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """A real server that speaks as S3 does; the value is the environment that leads to it."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "AKIAhunter2",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    client = boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="x",
        aws_secret_access_key="x",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="payments")
    for name, compress in COMPRESSIONS.items():
        client.put_object(Bucket="payments", Key=f"exports/{name}", Body=compress(LARGE))
    client.put_object(Bucket="payments", Key="exports/large.csv", Body=LARGE * 13)
    client.close()
    yield environment
    server.stop()


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_objects_of_s3(database: str, s3: dict[str, str], name: str) -> None:
    report = loaded(database, f"s3://payments/exports/{name}", **s3)

    assert (report["source_name"], report["rows_loaded"]) == (name, 30_000)


def test_objects_of_s3_are_read_in_parts(database: str, s3: dict[str, str]) -> None:
    report = loaded(database, "S3://payments/exports/large.csv", **s3)

    assert report["bytes"] == len(LARGE) * 13 > 16 << 20
    assert report["rows_read"] == 390_012


@pytest.mark.parametrize(
    ("address", "environment", "says"),
    [
        ("s3://payments/exports/none.csv", {}, "none.csv: cannot be read (it does not exist)."),
        ("s3://nobucket/none.csv", {}, "none.csv: cannot be read (it does not exist)."),
        ("s3://payments", {}, "payments: cannot be read (the address is not valid)."),
        (
            "s3://payments/exports/gzip",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"},
            "there is no connection to the server",
        ),
        (
            "s3://payments/exports/gzip",
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            "no credentials were found",
        ),
    ],
)
def test_what_s3_refuses_is_one_line(
    database: str, tmp_path: Path, s3: dict[str, str], address: str, environment: dict[str, str], says: str
) -> None:
    alone = {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}

    assert says in refused(database, address, **s3 | alone | environment)


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed(s3: dict[str, str], tmp_path: Path) -> None:
    script = """
import boto3, os
from ingest.errors import SourceError
from ingest.source import open_source
client = boto3.client("s3")
client.put_object(Bucket="payments", Key="replaced", Body=b"a" * (20 << 20))
with open_source("s3://payments/replaced", "utf-8") as source:
    blocks = source.content()
    next(blocks)
    client.put_object(Bucket="payments", Key="replaced", Body=b"b" * (20 << 20))
    try:
        for block in blocks:
            assert b"b" not in block
    except SourceError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={**os.environ, **s3},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("replaced: cannot be read (")


@pytest.mark.parametrize(
    ("meanwhile", "says"),
    [
        ("pass", str(768 << 10)),
        ("store.pipe(path, bytes(1 << 20))", "large: cannot be read (it was replaced meanwhile). Load it again."),
        (
            "store.store[store._strip_protocol(path)].truncate(500_000)",
            f"large: cannot be read (it ended after 500,000 of 1,048,576 bytes). {ADVICE}",
        ),
    ],
    ids=["nothing", "replaced", "short"],
)
def test_other_stores_are_read_whole_and_in_one_version(tmp_path: Path, meanwhile: str, says: str) -> None:
    # gs:// leads to a store in the memory of the process. What gcsfs does is for gcsfs to test.
    (tmp_path / "gcsfs.py").touch()
    script = f"""
import fsspec
from fsspec.implementations.memory import MemoryFileSystem
from ingest.errors import SourceError
from ingest.source import open_source
fsspec.register_implementation("gs", MemoryFileSystem, clobber=True)
path = "gs://payments/large"
store = MemoryFileSystem()
store.pipe(path, bytes(1 << 20))
with open_source(path, "utf-8") as source:
    blocks = source.content()
    next(blocks)
    {meanwhile}
    try:
        print(sum(map(len, blocks)))
    except SourceError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{says}\n"


def test_the_progress_on_a_terminal_shows_the_name_alone(database: str, files: FileServer) -> None:
    files.answers["/payments.csv"] = whole(CONTENT)
    ours, terminal = os.openpty()
    loader = subprocess.Popen(
        [sys.executable, "-m", "ingest", "load", f"{files.address}/payments.csv{SIGNED}"],
        cwd=CHECKOUT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "300"},
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # which is how a terminal ends
        while read := os.read(ours, 1 << 20):
            shown += read
    os.close(ours)

    assert loader.wait() == 0
    assert b"Loading payments.csv " in shown
    assert b"hunter2" not in shown

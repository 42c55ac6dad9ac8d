"""What is said of a server that does not answer."""

import psycopg2
import pytest

from warehouse.connection import one_line


def test_what_libpq_says_is_one_line_without_its_questions() -> None:
    with pytest.raises(psycopg2.OperationalError) as refused:
        psycopg2.connect("host=127.0.0.1,/nowhere port=1,2")

    assert one_line(refused.value) == (
        'connection to server at "127.0.0.1", port 1 failed: Connection refused; '
        'connection to server on socket "/nowhere/.s.PGSQL.2" failed: No such file or directory'
    )

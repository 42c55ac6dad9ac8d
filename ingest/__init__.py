"""Payments CSV files into the raw schema of PostgreSQL, and relations out of it as Parquet and CSV.

    >>> from ingest import DataLoader
    >>> report = DataLoader().load_csv_to_database("payments.csv")
    >>> report.rows_read == report.rows_loaded + report.rows_rejected
    True

`python -m ingest --help` shows the same as a program.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.errors import IngestError as IngestError
    from ingest.extract import DataExtractor as DataExtractor
    from ingest.load import DataLoader as DataLoader
    from ingest.partitions import extract_partitioned as extract_partitioned
    from ingest.report import ExtractReport as ExtractReport
    from ingest.report import LoadReport as LoadReport
    from ingest.report import PartitionedExtractReport as PartitionedExtractReport
    from ingest.report import ValidationReport as ValidationReport

_HOMES = {
    "DataExtractor": "ingest.extract",
    "DataLoader": "ingest.load",
    "ExtractReport": "ingest.report",
    "IngestError": "ingest.errors",
    "LoadReport": "ingest.report",
    "PartitionedExtractReport": "ingest.report",
    "ValidationReport": "ingest.report",
    "extract_partitioned": "ingest.partitions",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import what is asked for when it is asked for: `python -m ingest --help` needs none of it."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

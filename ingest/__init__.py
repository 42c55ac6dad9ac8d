"""Load payments from CSV files into the raw schema of PostgreSQL, and extract relations as Parquet or CSV.

    >>> from ingest import DataLoader
    >>> report = DataLoader().load_csv_to_database("payments.csv")
    >>> report.rows_read == report.rows_loaded + report.rows_rejected
    True

`python -m ingest --help` describes the same features on the command line.
"""

import sys

from warehouse.installation import exit_without_packages

try:
    from ingest.errors import IngestError
    from ingest.extract import DataExtractor
    from ingest.load import DataLoader
    from ingest.partitions import extract_partitioned
    from ingest.results import (
        ExtractReport,
        LoadReport,
        PartitionedExtractReport,
        SchemaExtractReport,
        ValidationReport,
    )
    from ingest.schema_extract import extract_schema
except ModuleNotFoundError as missing:
    # What Python has there while it looks for the program of `python -m ingest`.
    if sys.argv[:1] != ["-m"]:
        raise
    exit_without_packages(missing, "ingest")

__all__ = [
    "DataExtractor",
    "DataLoader",
    "ExtractReport",
    "IngestError",
    "LoadReport",
    "PartitionedExtractReport",
    "SchemaExtractReport",
    "ValidationReport",
    "extract_partitioned",
    "extract_schema",
]

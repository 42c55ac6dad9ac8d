"""Load payments from CSV files into the raw schema of PostgreSQL, and extract relations as Parquet or CSV.

    >>> from ingest import DataLoader
    >>> report = DataLoader().load_csv_to_database("payments.csv")
    >>> report.rows_read == report.rows_loaded + report.rows_rejected
    True

`python -m ingest --help` describes the same features on the command line.
"""

import contextlib
import sys

from warehouse.installation import program_imports

# "-m" is what Python has there while it looks for the program of `python -m ingest`.
with program_imports("ingest") if sys.argv[:1] == ["-m"] else contextlib.nullcontext():
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

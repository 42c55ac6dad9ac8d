"""Payments CSV files into the raw schema of PostgreSQL, and relations out of it as Parquet and CSV."""

select max(version) from raw.schema_version

insert into raw.schema_version (version, migration) values (%(version)s, %(migration)s)

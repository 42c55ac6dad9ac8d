{{ words_of_formats("statuses", "source_status", "status") }}

{{ words_of_formats("time_zones", "source_time_zone", "time_zone") }}

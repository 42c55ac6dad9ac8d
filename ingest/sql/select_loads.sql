select load_id, sha256, finished_at from raw.loads

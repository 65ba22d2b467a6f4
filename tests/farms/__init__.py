"""Real farms for tests: a Prefect server on PostgreSQL, S3, supervised workers, and their end."""

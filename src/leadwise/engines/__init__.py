"""Run the query of a card on DuckDB, SQLite, PostgreSQL or Spark, and read what it runs on."""

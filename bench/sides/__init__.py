"""The sides: each works out the whole ledger of bench/card.yaml from the same two Parquet files.

A side is run as a program of its own, so that its time and memory are its own:

    python -m bench.sides.NAME FOLDER OUT [--leads-sample N] [...]

It reads `FOLDER/leads.parquet` and `FOLDER/events.parquet`, writes the ledger to the Parquet file
OUT with the columns of `bench.ledger.COLUMNS`, and prints one JSON object: `seconds` of work
without starting Python and importing, `leads` answered, and what it wants to add.
"""

def sql() -> None:
    "x"

def history() -> None:
    "x"

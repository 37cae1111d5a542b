def diff() -> None:
    "x"

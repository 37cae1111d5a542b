def forecast() -> None:
    "x"

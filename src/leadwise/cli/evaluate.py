def evaluate() -> None:
    "x"

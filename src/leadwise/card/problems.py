"""Problems as text, for a terminal or a log."""

from __future__ import annotations

from leadwise.errors import Problem


def format_problem(problem: Problem) -> str:
    """`card.yaml:12:7: error[unknown-name]: ...`, and the hint on a second line."""
    where = f"{problem.where}: " if str(problem.where) else ""
    first = f"{where}{problem.severity}[{problem.code}]: {problem.message}"
    return f"{first}\n    hint: {problem.hint}" if problem.hint else first


def format_problems(problems: tuple[Problem, ...]) -> str:
    """All problems, and how many there are; empty where there are none."""
    if not problems:
        return ""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    counts = [_count(errors, "error")] * bool(errors) + [_count(warnings, "warning")] * bool(
        warnings
    )
    return "\n".join([*map(format_problem, problems), ", ".join(counts)])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")

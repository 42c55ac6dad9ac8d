"""What came of a run, in one line."""

from collections.abc import Sequence

from refresh.steps import Figures
from warehouse.terminal import count


def describe_run(seconds: float, figures: Figures, *, problems: int, failures: Sequence[str]) -> str:
    """Return the last line of the log of a run.

    Args:
        seconds: How long it took.
        figures: What its steps counted.
        problems: How many problems are open.
        failures: What failed, such as `the step build`; empty if nothing did.
    """
    tests = figures.tests or {}
    parts = [f"{count(len(figures.load_ids), 'file')} loaded"]
    if tests:
        failed = tests.get("fail", 0) + tests.get("error", 0)
        parts.append(f"{count(tests.get('pass', 0), 'test')} passed")
        parts += [
            f"{number} {what}" for number, what in ((tests.get("warn", 0), "warned"), (failed, "failed")) if number
        ]
    parts.append(count(problems, "problem"))
    what = f"Failed ({', '.join(failures)})" if failures else "Done"
    return f"{what} in {seconds:.1f} s: {', '.join(parts)}."

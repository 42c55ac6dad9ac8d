"""What is said of a build: what was built and checked, and what failed and why, in lines that nothing breaks."""

from transform.build import Outcome, Result
from transform.outcome import describe


def result(name: str, kind: str, status: str, message: str = "", description: str = "") -> Result:
    return Result(name, kind, status, message, description, f"models/{name}.sql")


def said(outcome: Outcome) -> list[str]:
    return [line.text for line in describe(outcome)]


BUILT = (
    result("charges", "table", "success"),
    result("companies", "table", "success"),
    result("summary", "view", "success"),
    result("statuses", "seed", "success"),
    result("conservation", "test", "pass"),
    result("on-run-end-0", "operation", "success"),
    result("daily_report", "exposure", "no-op"),
)


def test_a_build_that_went_well_is_one_line() -> None:
    assert said(Outcome(True, BUILT)) == ["Built 2 tables, 1 view and 1 seed; 1 check passed"]


def test_what_failed_is_said_with_the_reason_and_what_it_means() -> None:
    outcome = Outcome(
        False,
        (
            *BUILT,
            result("no_gaps", "test", "warn", "Got 2 results, configured to warn if != 0"),
            result("no_fan_out", "test", "fail", "Got 1 result, configured to fail if != 0", "Each charge once."),
            result(
                "days",
                "view",
                "error",
                "Database Error in model days (models/days.sql)\n"
                '  column \x1b[31m"x\x07" is missing\n  LINE 5:     "x",\n            ^\n  HINT:  Try y.',
            ),
            result("broken", "test", "error", "Database Error in test broken"),
            result("later", "table", "skipped"),
        ),
    )

    assert said(outcome) == [
        "Warning: the check no_gaps (models/no_gaps.sql): Got 2 results, configured to warn if != 0",
        "Failed: the check no_fan_out (models/no_fan_out.sql): Got 1 result, configured to fail if != 0",
        "  Each charge once.",
        "  To see the rows: dbt show --project-dir dbt_project --select no_fan_out",
        'Failed: the view days (models/days.sql): column "x\\x07" is missing',
        "  HINT:  Try y.",
        "Failed: the check broken (models/broken.sql): Database Error in test broken",
        "Built 2 tables, 1 view and 1 seed; 1 check passed, 1 warned, 3 failed, 1 skipped because of what failed",
    ]
    assert [line.color for line in describe(outcome) if line.text.startswith(("Failed", "Built"))] == ["red"] * 4


def test_what_dbt_cannot_start_with_and_what_else_it_warns_of() -> None:
    assert said(Outcome(False, (), ("\x1b[33mA name is deprecated\x1b[0m",), "Database Error\n  no server\n")) == [
        "Warning: A name is deprecated",
        "dbt cannot build the models: Database Error",
        "  no server",
    ]


def test_a_hook_that_refuses_a_build_is_quoted_alone() -> None:
    message = (
        "Compilation Error in operation transactions_warehouse-on-run-start-2 (./dbt_project.yml)\n"
        "  There is nothing to build from.\n  \n"
        "  > in macro require_raw_rows (macros/preconditions.sql)\n"
        "  > called by operation transactions_warehouse-on-run-start-2 (./dbt_project.yml)"
    )
    assert said(Outcome(False, (), error=message)) == ["dbt cannot build the models: There is nothing to build from."]

    # No other line would name a model that dbt cannot read.
    broken = "Compilation Error in model days (models/days.sql)\n  unexpected '}'\n    line 3"
    assert said(Outcome(False, (), error=broken)) == [
        "dbt cannot build the models: Compilation Error in model days (models/days.sql)",
        "  unexpected '}'",
        "  line 3",
    ]

"""Render the figures as one HTML page that needs only a browser.

The page contains its styles, scripts and data, and its Content-Security-Policy allows nothing else: no other script or
style, no connection, no frame. Jinja escapes all values from the data, including those that a script reads.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from importlib import metadata, resources
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from report import change_wording, wording
from report.changes import TREND_WEEKS, Ratio
from report.figures import REJECT_CHARACTERS, Chart, Figures, Period
from report.outliers import OUTLIER, ceiling
from report.runs import problem_text

_LISTED_LOADS = 30

# JavaScript's numbers are exact up to here; a larger number of cents goes into the page as text.
_LARGEST_EXACT = 2**53 - 1

# A full one, perhaps with its weekday, or the end of a span within a year.
_DATE = re.compile(r"\b(?:[A-Z][a-z][a-z] )?(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}\b")

SPARK_WIDTH, SPARK_HEIGHT = 160, 24

_LIBRARY_NOTICE = """/*
The libraries in this script: Vega, Vega-Lite and Vega-Embed, (c) University of Washington Interactive Data Lab and
contributors, under the BSD 3-Clause license; D3, (c) Mike Bostock, under the ISC license. They were put together by
vl-convert, under this license:

{license}
*/
"""


def render_page(figures: Figures) -> str:
    """Return the complete HTML page.

    Args:
        figures: The figures to show.
    """
    environment = Environment(
        loader=PackageLoader("report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "accounting": wording.accounting,
        "emptiness": wording.emptiness,
        "count": lambda number: f"{number:,}",
        "freshness": wording.freshness,
        "moment": wording.moment,
        "money": change_wording.money,
        "pending": wording.pending,
        "percentage": wording.percentage,
        "plural": wording.plural,
        "problem_text": problem_text,
        "share": _share,
        "unbroken": unbroken,
        "with_reason": _with_reason,
    }
    environment.globals |= {"changed": change_wording, "share_bars": share_bars}
    chart = figures.chart
    style, script = _static("report.css"), _static("report.js")
    library = chart_library() if chart.periods else ""
    return environment.get_template("report.html.jinja").render(
        figures=figures,
        chart=chart,
        sparks=_sparks(chart),
        loads=figures.loads[:_LISTED_LOADS],
        largest_load=max((load.rows_read for load in figures.loads[:_LISTED_LOADS]), default=0),
        reject_characters=REJECT_CHARACTERS,
        data=chart_data(chart, figures.schema),
        specification=json.loads(_static("chart.json")),
        policy=_policy(style=style, scripts=[library, script] if chart.periods else []),
        style=Markup(style),
        script=Markup(script),
        library=Markup(library),
    )


def chart_data(chart: Chart, schema: str) -> Mapping[str, Any]:
    """Return the totals for the script of the page: columns that refer to periods and companies by index.

    Args:
        chart: The totals.
        schema: Schema of the marts, as SQL has to write it.
    """
    companies: list[Mapping[str, str | bool | None]] = [
        {"name": company.company_name, "key": company.company_id, "isUnique": company.has_unique_name}
        for company in chart.companies
    ]
    if chart.others > 0:
        companies.append({"name": wording.plural(chart.others, "other"), "key": None, "isUnique": True})
    places: dict[str | None, int] = {company.company_id: place for place, company in enumerate(chart.companies)}
    days = sorted({period.period for period in chart.periods})
    day_places = {day: place for place, day in enumerate(days)}
    return {
        "schema": schema,
        "step": chart.step,
        "outlier": OUTLIER,
        "companies": companies,
        "periods": [day.isoformat() for day in days],
        "period": [day_places[period.period] for period in chart.periods],
        "company": [places.get(period.company_id, len(places)) for period in chart.periods],
        "cents": [_cents(period.total) for period in chart.periods],
        "count": [period.transactions for period in chart.periods],
    }


def chart_library() -> str:
    """Return Vega-Lite, its dependencies and its license as one script. Takes a second or two."""
    distribution = metadata.distribution("vl-convert-python")
    license_text = distribution.read_text("licenses/LICENSE") or "BSD-3-Clause"
    notice = _LIBRARY_NOTICE.format(license=license_text.strip().replace("*/", "* /"))
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return notice + inlined(bundle)


def inlined(script: str) -> str:
    """Return an equivalent script without text that would end its element or begin a comment in a page."""
    return re.sub("<(?=/script|!--)", r"\\x3c", script, flags=re.IGNORECASE)


def unbroken(text: str) -> Markup:
    """Return the text as HTML in which no line ends within a date."""
    return Markup(_DATE.sub(r'<span class="time">\g<0></span>', str(escape(text))))


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Return a Content-Security-Policy that allows only these scripts and this style, by their digests."""
    allowed = " ".join(_digest(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _static(name: str) -> str:
    return resources.files("report").joinpath("static", name).read_text(encoding="utf-8")


def _cents(total: Decimal) -> int | str:
    cents = int(total * 100)
    return cents if cents <= _LARGEST_EXACT else str(cents)


def _share(part: int, whole: int) -> str:
    """Return how much of a bar of length 100 is filled; any part above 0 stays visible."""
    return f"{max(100 * part / whole, 0.7):.1f}" if part and whole else "0"


def _with_reason(rejects: Iterable[Any], reason: str) -> list[Any]:
    return [reject for reject in rejects if reason in reject.reasons.split(",")]


def _sparks(chart: Chart) -> Mapping[str, str]:
    """Return the SVG path of the sparkline of each company in the chart."""
    if not chart.periods:
        return {}
    first = min(period.period for period in chart.periods)
    span = max(period.period for period in chart.periods) - first
    by_company: dict[str, list[Period]] = {}
    for period in chart.periods:
        if period.company_id is not None:
            by_company.setdefault(period.company_id, []).append(period)
    return {company_id: _spark(periods, first, span) for company_id, periods in by_company.items()}


def share_bars(ratios: Sequence[Ratio]) -> str:
    """Return the SVG path of a sparkline of shares, oldest first; those of nothing are missing, those of 0 a line."""
    top = max((ratio.share or Decimal(0) for ratio in ratios), default=Decimal(0)) or Decimal(1)
    step = SPARK_WIDTH / max(len(ratios), TREND_WEEKS)
    first = SPARK_WIDTH - step * len(ratios)
    parts = []
    for place, ratio in enumerate(ratios):
        if ratio.share is not None:
            height = max((SPARK_HEIGHT - 1) * float(ratio.share / top), 1)
            parts.append(f"M{first + step * place:.1f} {SPARK_HEIGHT}v-{height:.1f}h{0.7 * step:.1f}v{height:.1f}z")
    return "".join(parts)


def _spark(periods: Sequence[Period], first: date, span: timedelta) -> str:
    top = ceiling([period.total for period in periods])
    parts = []
    for period in periods:
        x = 1 + (SPARK_WIDTH - 2) * ((period.period - first) / span if span else 0.5)
        height = max((SPARK_HEIGHT - 1) * min(float(period.total / top), 1), 0.5)
        parts.append(f"M{x:.1f} {SPARK_HEIGHT}v-{height:.1f}")
    return "".join(parts)

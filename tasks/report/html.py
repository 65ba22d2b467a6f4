"""Lays a report's content out as one HTML file without external resources."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tasks.report.content import percent


def render_page(template: str, content: dict[str, Any]) -> str:
    """The page as text; every value is escaped unless it is ``Markup``."""
    style = Markup(Path(__file__).with_name("report.css").read_text())
    return _environment().get_template(template).render(style=style, **content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["percent"] = percent
    return environment

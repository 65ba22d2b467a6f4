"""A page in Markdown, as artifacts have it, as one file for a browser: pictures stay inlined."""

from __future__ import annotations

import html

from markdown_it import MarkdownIt

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.15rem .6rem;border-bottom:1px solid #8884}"
    "img{vertical-align:middle}"
)


class _Pages(MarkdownIt):
    """Tables and nothing of HTML; pictures of any kind, for those that are inlined are ours."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table")

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Addresses that pages of ours have."""
        return url.startswith("data:image/") or super().validateLink(url)


def web_page(title: str, markdown: str) -> str:
    """HTML of a page under a heading."""
    named = html.escape(title)
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f"<title>{named}</title><style>{_STYLE}</style>\n"
        f"<h1>{named}</h1>\n{_Pages().render(markdown)}</html>\n"
    )

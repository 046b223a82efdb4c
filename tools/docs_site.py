"""What MkDocs asks while it builds the documentation: generated parts, and the pages that stand at the root.

A page says `<!-- generated: commands -->` where code knows better than we, and `<!-- file: ARCHITECTURE.md -->` where
the page stands elsewhere in the repository. Links work in both: as files in the repository,
as pages in the site.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from tools.docs_reference import generated

__all__ = ["on_page_markdown", "site_link"]

_ROOT = Path(__file__).resolve().parents[1]
_GENERATED = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)
_FILE = re.compile(r"^<!-- file: ([\w./-]+) -->$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
_PAGES = {
    "ARCHITECTURE.md": "explanation/architecture.md",
    "DECISIONS.md": "explanation/decisions.md",
    "GLOSSARY.md": "reference/glossary.md",
    "CONTRIBUTING.md": "how-to/contribute.md",
    "CHANGELOG.md": "reference/changelog.md",
}
"""Where a file at the root stands in the site."""


def site_link(target: str, written_in: str, page: str) -> str | None:
    """Return where a link leads inside the site; None when what it leads to is no part of it.

    Parameters
    ----------
    target : str
        As it is written.
    written_in : str
        The file in which it is written, from the root of the repository.
    page : str
        The page on which it is shown, from `docs/`.

    Examples
    --------
    >>> site_link("../../GLOSSARY.md", "docs/how-to/forget.md", "how-to/forget.md")
    '../reference/glossary.md'
    >>> site_link("docs/query.md", "GLOSSARY.md", "reference/glossary.md")
    '../query.md'
    >>> site_link("LICENSE", "README.md", "index.md")
    """
    path = posixpath.normpath(posixpath.join(posixpath.dirname(written_in), target))
    path = f"docs/{_PAGES[path]}" if path in _PAGES else path
    if not path.startswith("docs/"):
        return None
    return posixpath.relpath(path.removeprefix("docs/"), posixpath.dirname(page) or ".")


def _with_links(text: str, written_in: str, page: str) -> str:
    def moved(found: re.Match[str]) -> str:
        link = site_link(found[2], written_in, page)
        return f"[{found[1]}]({link}{found[3] or ''})" if link is not None else found[1]

    return _LINK.sub(moved, text)


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    """Return a page with its generated parts in it and its links as the site has them."""
    here = page.file.src_uri
    markdown = _with_links(markdown, f"docs/{here}", here)
    markdown = _GENERATED.sub(lambda found: generated(found[1]), markdown)
    return _FILE.sub(
        lambda found: _with_links((_ROOT / found[1]).read_text(encoding="utf-8"), found[1], here), markdown
    )

"""axe-core finds nothing grave on any page, on a phone and on a wide screen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from candor.report import Page

FOUND = """async () => {
    const { violations, passes } = await axe.run();
    return [
        passes.length,
        violations.filter((each) => ["serious", "critical"].includes(each.impact))
            .map((each) => [each.id, each.nodes.map((node) => node.html.slice(0, 200))]),
    ];
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core, as one script."""
    path = Path(os.environ.get("CANDOR_AXE", ""))
    if not path.is_file():
        pytest.skip("CANDOR_AXE names no axe.min.js: axe-core is not here")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["plain_page", "hostile_page", "choices_page"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_nothing_grave(
    name: str,
    width: int,
    scheme: str,
    axe: str,
    open_page: Callable[..., Any],
    request: pytest.FixtureRequest,
) -> None:
    page: Page = request.getfixturevalue(name)
    size = {"width": width, "height": 800}
    visit = open_page(page, viewport=size, color_scheme=scheme)
    visit.settle()
    visit.page.evaluate(axe)
    passed, grave = visit.page.evaluate(FOUND)
    assert passed > 10
    assert grave == []

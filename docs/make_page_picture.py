"""Take a picture of the first screen of a page in Chromium.

Usage: python docs/make_page_picture.py PAGE.html PICTURE.png [HEIGHT]

The picture in the guide "Read the report" is of a file of `automl.demo.loans(3000)`, searched
with `sensitive=["sex"]` and `n_trials=4`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1200, 1150
SETTLED = "document.fonts.ready"
DRAWN_MS = 2000
"""Milliseconds for the charts on the first screen to be drawn."""


def take(page: Path, picture: Path, height: int) -> None:
    """Open a page without a network and write what a reader sees first."""
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        context = browser.new_context(
            viewport={"width": WIDTH, "height": height}, color_scheme="light", offline=True
        )
        tab = context.new_page()
        tab.goto(page.resolve().as_uri())
        tab.evaluate(SETTLED)
        tab.wait_for_timeout(DRAWN_MS)
        tab.screenshot(path=picture)
        browser.close()


def main() -> None:
    """Take the picture."""
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    height = int(sys.argv[3]) if len(sys.argv) == 4 else HEIGHT
    take(Path(sys.argv[1]), Path(sys.argv[2]), height)


if __name__ == "__main__":
    main()

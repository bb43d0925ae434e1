"""Make the pictures of the README: ``python docs/screenshots.py``; needs Chromium.

The class is drawn with a fixed seed from the examples: two thirds right, the rest with the mistakes that are common.
"""

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
_COMMON = {
    "misspelled_hidden_state": 5,
    "wh_shape": 4,
    "state_not_carried": 4,
    "initial_state_ignored": 4,
    "missing_bias": 3,
    "transposed_wh": 3,
    "broken_syntax": 2,
    "mutates_arguments": 2,
    "last_state_only": 1,
    "not_attempted": 1,
}
_FAMILY = ("Kim", "Lee", "Park", "Choi", "Jung", "Kang", "Cho", "Yoon", "Jang", "Lim", "Han", "Oh")
_GIVEN = ("Minji", "Jisu", "Doyun", "Seojun", "Haeun", "Yuna", "Jiho", "Sua")


def make_class(folder: Path) -> Path:
    """Put hand-ins of a class into a folder; the roster beside it is returned."""
    draw = random.Random(7)
    right = [path for path in sorted((PROJECT / "submissions" / "correct").glob("*.py")) if "torch" not in path.stem]
    rows = ["id,name,section"]
    for number, (family, given) in enumerate((family, given) for family in _FAMILY for given in _GIVEN):
        id = f"2026{number:03}"
        rows.append(f"{id},{family} {given},{'AB'[number % 2]}")
        if draw.random() < 0.03:
            continue  # handed in nothing
        bug = draw.choices(list(_COMMON), list(_COMMON.values()))[0] if draw.random() < 0.35 else None
        source = PROJECT / "submissions" / "buggy" / f"{bug}.py" if bug else draw.choice(right)
        shutil.copy(source, folder / f"{id}.py")
    roster = folder.with_name("roster.csv")
    roster.write_text("\n".join(rows) + "\n")
    return roster


def shoot(page: Page, source: Path, name: str, size: tuple[int, int]) -> None:
    """Take the picture of a page's beginning."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(source.as_uri())
    if name == "report":
        page.wait_for_selector("html[data-ready]")
    page.screenshot(path=PROJECT / "docs" / f"{name}.png")


def main() -> None:
    """Grade, and take the pictures."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    with tempfile.TemporaryDirectory() as folder:
        hand_ins, out = Path(folder, "class"), Path(folder, "grades")
        hand_ins.mkdir()
        roster = make_class(hand_ins)
        command = [sys.executable, PROJECT / "grade.py", hand_ins, "--roster", roster, "--out", out]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        student = next(
            path for path in sorted((out / "feedback").glob("*.html")) if "hiden_state_t" in path.read_text()
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            page = browser.new_page()
            shoot(page, out / "report.html", "report", (1200, 1150))
            shoot(page, student, "feedback", (900, 1150))
            browser.close()


if __name__ == "__main__":
    main()

"""The pages in a real browser: they load without an error, work by keyboard and mouse, and run nothing of a hand-in."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import vl_convert
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from harness.model import Assignment, Delivery, Grade, Run, Student
from harness.reports.items import Items
from harness.reports.plots import bugs_plot, items_plot, marks_plot
from tests.conftest import GradeSource
from tests.test_reports import EVIL, HOSTILE, RIGHT, WRONG, written

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, scheme: str = "light") -> Iterator[Page]:
    """Open a page from its file, offline; whatever it complains of fails the test."""
    context = browser.new_context(offline=True, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert page.evaluate("window.evil") is None
    context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def run(notes: Assignment) -> Run:
    return Run(notes, "2.13.0", "cpu", "process")


@pytest.fixture(scope="module")
def grades(grade_source: GradeSource) -> list[Grade]:
    wrong, right, evil = grade_source(WRONG), grade_source(RIGHT), grade_source(HOSTILE)

    def of(grade: Grade, id: str, name: str, section: str) -> Grade:
        return replace(grade, id=id, delivery=Delivery(Student(id, name, section=section)))

    raising = grade_source(RIGHT.replace("output_t = np.tanh", f"raise ValueError({EVIL!r})  #", 1))
    return [
        of(right, "kim", "김민지", "A"),
        of(wrong, "lee", EVIL, "B"),
        of(evil, "park", "Park", EVIL),
        of(raising, "choi", "Choi", "A"),
    ]


@pytest.fixture(scope="module")
def report(run: Run, grades: list[Grade], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written("html,pages", run, grades, tmp_path_factory.mktemp("report")) / "report.html"


def rows(page: Page) -> Locator:
    """The cells that name the hand-ins which are shown; `expect` waits for them to be as they should."""
    page.wait_for_selector("html[data-ready]")
    return page.locator("#students tbody tr td:first-child")


def ids(page: Page) -> list[str]:
    return rows(page).all_inner_texts()


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_class_loads_and_draws(browser: Browser, report: Path, scheme: str) -> None:
    with opened(browser, report, scheme) as page:
        assert ids(page) == ["kim", "lee", "park", "choi"]
        assert page.locator(".plot svg").count() == 3
        assert page.locator("#students td.P").count() > 20


#: The lowest contrast of any text with what is behind it, by the WCAG's formula.
CONTRAST = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const linear = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  const light = (c) => c.slice(0, 3).map((x) => linear(x / 255));
  const luminance = (c) => { const [r, g, b] = light(c); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll("main *, header *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest("svg, .disabled") || !e.getClientRects().length) continue;
    const [a, b] = [luminance(rgb(getComputedStyle(e).color)), luminance(behind(e))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), e.outerHTML.slice(0, 90)]);
  }
  return found.sort((x, y) => x[0] - y[0])[0];
}"""


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report.html", "feedback/lee.html", "feedback/choi.html"])
def test_every_text_can_be_read(browser: Browser, report: Path, name: str, scheme: str) -> None:
    with opened(browser, report.parent / name, scheme) as page:
        page.wait_for_selector("html[data-ready]" if name == "report.html" else "main")
        lowest, where = page.evaluate(CONTRAST)
    assert lowest >= 4.5, where


@needs_browser
def test_it_searches_filters_and_sorts(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        shown = rows(page)
        expect(shown).to_have_count(4)
        page.get_by_label("Search:").fill("김민")
        expect(shown).to_have_text(["kim"])
        page.get_by_label("Search:").fill("")
        page.get_by_label("Only with:").select_option("misspelled-hidden-state")
        expect(shown).to_have_text(["lee"])
        page.get_by_label("Only with:").select_option("")
        page.locator("#section").select_option("A")
        expect(shown).to_have_text(["kim", "choi"])
        page.locator("#section").select_option("")
        by_score = page.get_by_role("button", name="score: Activate")
        by_score.focus()
        page.keyboard.press("Enter")
        expect(shown.first).to_have_text("choi")
        assert ids(page)[-1] in ("park", "kim")
        page.keyboard.press("Enter")
        expect(shown.last).to_have_text("choi")


@needs_browser
def test_a_bar_of_a_known_bug_shows_who_has_it(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        shown = rows(page)
        page.locator("#bugs svg path[aria-label*='misspelled']").first.click()
        expect(shown).to_have_text(["lee"])


@needs_browser
def test_links_lead_to_each_students_page(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        ids(page)
        page.get_by_role("link", name="lee").first.click()
        page.wait_for_selector("article.warn")
        assert "misspelled-hidden-state" in page.inner_text("article.warn h3")
        assert page.locator("svg.states").count() == 1


@needs_browser
def test_without_students_pages_there_are_no_links(
    browser: Browser, run: Run, grades: list[Grade], tmp_path: Path
) -> None:
    with opened(browser, written("html", run, grades, tmp_path) / "report.html") as page:
        assert len(ids(page)) == 4
        assert page.locator("a[href^=feedback]").count() == 0


@needs_browser
def test_hostile_names_and_messages_stay_text(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        ids(page)
        shown = page.inner_text("#students")
        assert "<script>window.evil=1</script>" in shown
        assert page.locator("#students img, #students script, #section script").count() == 0
    for name in ("park", "choi"):
        with opened(browser, report.parent / "feedback" / f"{name}.html") as page:
            assert "<img src=x onerror='window.evil=1'>" in page.inner_text("body")
            assert page.locator("img, script").count() == 0


@needs_browser
def test_the_policy_would_stop_a_script_that_came_through(browser: Browser, report: Path, tmp_path: Path) -> None:
    for source in (report, report.parent / "feedback" / "park.html"):
        bent = tmp_path / source.name
        text = source.read_text(encoding="utf-8")
        bent.write_text(
            text.replace("<main>", "<main><script>window.evil=1</script><img src=x onerror='window.evil=1'>")
        )
        page = browser.new_page()
        page.goto(bent.as_uri())
        page.wait_for_timeout(300)
        assert page.evaluate("window.evil") is None
        page.close()


@needs_browser
def test_ten_thousand_rows_put_no_more_into_the_page_than_are_seen(
    browser: Browser, run: Run, grades: list[Grade], tmp_path: Path
) -> None:
    many = [replace(grades[i % 4], id=f"s{i:05}") for i in range(10_000)]
    with opened(browser, written("html", run, many, tmp_path) / "report.html") as page:
        assert len(ids(page)) == 50
        assert "1–50 / 10,000" in page.inner_text("body")
        page.get_by_label("Search:").fill("s09999")
        expect(rows(page)).to_have_text(["s09999"])


@needs_browser
def test_all_rows_are_printed(browser: Browser, run: Run, grades: list[Grade], tmp_path: Path) -> None:
    many = [replace(grades[i % 4], id=f"s{i:05}") for i in range(120)]
    with opened(browser, written("html", run, many, tmp_path) / "report.html") as page:
        assert len(ids(page)) == 50
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert len(ids(page)) == 120  # at once, for the browser prints when it has said so
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(rows(page)).to_have_count(50)


def test_the_plots_are_what_vega_lite_understands(notes: Assignment, grades: list[Grade]) -> None:
    items = Items(notes.checks)
    for grade in grades:
        items.add(grade)
    words = {name: name for name in ("percent", "count", "check", "lost", "difficulty", "discrimination")}
    plots = (
        marks_plot([0.0, 9.99, 10.0, 99.0, 100.0], words),
        bugs_plot([("wh-shape", ["a", "b"])], words),
        items_plot(items.all, words),
    )
    for plot in plots:
        assert "<path" in vl_convert.vegalite_to_svg({**plot, "width": 300})
    counts = [one["count"] for one in plots[0]["data"]["values"]]
    assert counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]

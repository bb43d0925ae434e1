"use strict";
// The page's own script. Every text of a hand-in goes through textContent, never through HTML.
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { rows, checks, words, outcomes } = data;
  const SIGN = { P: "✓", F: "✗", R: "!", T: "…", N: "·", "-": "-", "?": "?" };
  const ID = 0, NAME = 1, SECTION = 2, MARK = 3, PERCENT = 5, CHECKS = 6, LATE = 7, BUGS = 8, WHY = 9, STATE = 10, SECONDS = 11;
  const element = (tag, text, attributes = {}) => Object.assign(document.createElement(tag), { textContent: text }, attributes);

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = [];
  const toggle = () => document.documentElement.classList.toggle("dark", dark.matches);  // as DataTables knows it
  toggle();
  async function plot(id) {
    const place = document.getElementById(id);
    if (!place) return;
    const colour = dark.matches ? "#e6edf3" : "#1f2328";
    const axis = { labelColor: colour, titleColor: colour, gridColor: "#8884", domainColor: "#8888", tickColor: "#8888" };
    const config = { background: null, view: { stroke: null }, axis, bar: { color: dark.matches ? "#4493f8" : "#0969da" } };
    // `ast`: expressions are interpreted, for the page's policy lets nothing be made into code.
    const result = await vegaEmbed(place, data.plots[id], { mode: "vega-lite", ast: true, actions: false, renderer: "svg", config });
    drawn.push(result);
    if (id === "bugs") result.view.addEventListener("click", (_, item) => item && item.datum.rule && choose(item.datum.rule));
  }
  async function plotAll() {
    drawn.splice(0).forEach((one) => one.finalize());
    await Promise.all(["distribution", "bugs", "items"].map(plot));
  }

  const source = atob(document.getElementById("tables").textContent);
  const bytes = Uint8Array.from(source, (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  const { default: DataTable } = await import(url);
  URL.revokeObjectURL(url);

  const rule = document.getElementById("rule"), section = document.getElementById("section");
  const known = [...new Set(rows.map((row) => row[SECTION]).filter(Boolean))].sort();
  known.forEach((one) => section.append(element("option", one, { value: one })));
  section.parentElement.hidden = known.length < 2;

  const number = (at) => ({ data: at, className: "dt-right", type: "num", render: (value, kind) => (value === null ? (kind === "display" ? "–" : -1) : value) });
  // Texts are given to DataTables as nodes, or as nothing where it would make HTML of them.
  const text = (at, title, visible = true) => ({
    data: at, title, visible, type: "string",
    render: { _: (value) => value, display: (value) => element("span", value) },
  });
  const page = (row) => {
    const link = element("a", row[ID]);
    link.href = "feedback/" + encodeURIComponent(row[ID]) + ".html";
    return data.linked && row[STATE] !== "missing" ? link : element("span", row[ID]);
  };
  const why = (row) => row[BUGS].map(([name, place]) => (place ? `${name} (${place})` : name)).join(", ") || row[WHY];
  const columns = [
    { data: null, title: words.hand_in, type: "string", render: { _: (row) => row[ID], display: page } },
    text(NAME, words.name, rows.some((row) => row[NAME])),
    text(SECTION, words.section, known.length > 0),
    { ...number(MARK), title: words.score },
    { ...number(PERCENT), title: "%" },
    { data: LATE, title: words.late, visible: rows.some((row) => row[LATE]), className: "dt-right", type: "string" },
    ...checks.map((check, i) => ({
      data: null, className: "o", title: check.id, type: "string", searchable: false,
      render: { _: (row) => row[CHECKS][i], display: (row) => SIGN[row[CHECKS][i]] },
      createdCell: (cell, _, row) => {
        cell.classList.add({ "-": "X", "?": "X" }[row[CHECKS][i]] || row[CHECKS][i]);
        cell.title = `${check.id}: ${outcomes[row[CHECKS][i]]}`;
        cell.setAttribute("aria-label", cell.title);
      },
    })),
    { ...number(SECONDS), title: words.seconds, visible: rows.some((row) => row[SECONDS] !== null) },
    { data: null, title: words.why, type: "string", render: { _: why, display: (row) => element("span", why(row)) } },
  ];
  DataTable.ext.search.push((_settings, _searched, index) => {
    const row = rows[index];
    return (!rule.value || row[BUGS].some(([name]) => name === rule.value)) && (!section.value || row[SECTION] === section.value);
  });
  const table = new DataTable("#students", {
    data: rows, columns, deferRender: true, pageLength: 50, lengthMenu: [25, 50, 100, 500], order: [], autoWidth: false,
    language: { search: words.search, info: "_START_–_END_ / _TOTAL_", infoEmpty: "0", infoFiltered: "(_MAX_)", lengthMenu: "_MENU_", zeroRecords: "–", emptyTable: "–" },
    headerCallback: (head) => head.querySelectorAll("th.o .dt-column-title").forEach((one) => one.classList.add("v")),
  });
  function choose(name) {
    rule.value = name;
    table.draw();
    document.getElementById("students").scrollIntoView({ behavior: "smooth", block: "start" });
  }
  rule.addEventListener("change", () => table.draw());
  section.addEventListener("change", () => table.draw());
  let before = null;  // all rows are printed, not the page that is seen
  addEventListener("beforeprint", () => { before = table.page.len(); table.page.len(-1).draw(); });
  addEventListener("afterprint", () => table.page.len(before).draw());
  await plotAll();
  dark.addEventListener("change", () => { toggle(); plotAll(); });
  document.documentElement.dataset.ready = "true";
})();

"use strict";
(() => {
  const ordered = new Intl.Collator(undefined, { numeric: true }).compare;
  const counted = (number) => number.toLocaleString("en");

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  /* What a row is sorted by: its number, else its text; null is missing. */
  function keyOf(cell) {
    if (cell.textContent === "–") return null;
    return "key" in cell.dataset ? Number(cell.dataset.key) : cell.textContent;
  }

  function compared(a, b) {
    if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
    return ordered(String(a), String(b));
  }

  /* Missing values stay last, whichever way a table is sorted. */
  function sorted(rows, column, way) {
    const keyed = rows.map((row) => [keyOf(row.cells[column]), row]);
    const present = keyed.filter(([key]) => key !== null);
    const missing = keyed.filter(([key]) => key === null);
    present.sort(([a], [b]) => way * compared(a, b));
    return [...present, ...missing].map(([, row]) => row);
  }

  /* A table, the order of its rows, and which of them are looked at. */
  class LongTable {
    constructor(table) {
      this.table = table;
      this.body = table.tBodies[0];
      this.original = [...this.body.rows];
      this.rows = this.original;
      this.fold = Number(table.dataset.fold ?? Infinity);
      this.open = false;
      this.words = [];
    }

    order(rows) {
      this.rows = rows;
      this.body.append(...rows);
      this.show();
    }

    search(text) {
      this.texts ??= new Map(this.original.map((row) => [
        row, [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase(),
      ]));
      this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
      this.show();
    }

    show() {
      const found = (row) => this.words.every((word) => this.texts.get(row).includes(word));
      let matching = 0;
      for (const row of this.rows) {
        const hit = found(row);
        row.classList.toggle("unmatched", !hit);
        row.classList.toggle("beyond", !hit || (!this.open && matching >= this.fold));
        matching += hit;
      }
      this.tell?.(matching);
      this.showFold?.(matching);
    }
  }

  function makeSortable(long) {
    const heads = [...long.table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = element("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const next = { ascending: "descending", descending: null }[now] ?? (now ? null : "ascending");
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        if (next) head.setAttribute("aria-sort", next);
        long.order(next ? sorted(long.original, column, next === "descending" ? -1 : 1) : long.original);
      });
    });
  }

  function makeFoldable(long) {
    const button = element("button", { type: "button", className: "more" });
    button.setAttribute("aria-controls", long.table.id);
    button.addEventListener("click", () => {
      long.open = !long.open;
      long.show();
    });
    long.showFold = (matching) => {
      const all = counted(matching);
      const those = matching === long.original.length ? `${all} rows` : `${all} matching rows`;
      button.hidden = matching <= long.fold;
      button.setAttribute("aria-expanded", String(long.open));
      button.dataset.paper = long.open ? "" : `The first ${long.fold} of ${those}`;
      button.textContent = long.open ? `Show the first ${long.fold} rows` : `Show all ${those}`;
    };
    long.table.closest(".scroll").after(button);
  }

  /* The field stands between a table's caption and its heads; the table is named by the caption's
     words alone. */
  function makeSearchable(long) {
    const words = element("span", { id: `${long.table.id}-caption` }, ...long.table.caption.childNodes);
    const caption = words.textContent;
    long.table.setAttribute("aria-labelledby", words.id);
    const field = element("input", { type: "search", placeholder: "Filter rows", autocomplete: "off" });
    field.setAttribute("aria-label", `Filter rows: ${caption}`);
    field.setAttribute("aria-controls", long.table.id);
    const count = element("span", { className: "count" });
    count.setAttribute("role", "status");
    const total = counted(long.original.length);
    long.tell = (matching) => {
      count.textContent = long.words.length ? `${counted(matching)} of ${total} rows match` : "";
    };
    field.addEventListener("input", () => long.search(field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      field.value = "";
      long.search("");
    });
    long.table.caption.append(words, element("div", { className: "filter" }, field, count));
  }

  for (const table of document.querySelectorAll(".table table")) {
    const long = new LongTable(table);
    if (long.original.length > 1) makeSortable(long);
    if ("fold" in table.dataset) makeFoldable(long);
    if ("filter" in table.dataset) makeSearchable(long);
    if (long.showFold) long.show();
  }

  /* What scrolls sideways can be reached and scrolled by keyboard. */
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  document.querySelectorAll(".scroll").forEach((each) => watcher.observe(each));
})();

"use strict";
(() => {
  document.documentElement.classList.add("js");

  const ordered = new Intl.Collator(undefined, { numeric: true }).compare;

  /* Missing values stay last, whichever way a table is sorted. */
  function byColumn(column, way) {
    return (one, other) => {
      const [a, b] = [one.cells[column], other.cells[column]];
      const [x, y] = [a.textContent === "–", b.textContent === "–"];
      if (x || y) return x - y;
      const numbers = "key" in a.dataset && "key" in b.dataset;
      if (!numbers) return way * ordered(a.textContent, b.textContent);
      const [m, n] = [Number(a.dataset.key), Number(b.dataset.key)];
      return way * (m < n ? -1 : m > n ? 1 : 0);
    };
  }

  function markBeyond(table) {
    const fold = Number(table.dataset.fold ?? Infinity);
    [...table.tBodies[0].rows].forEach((row, at) => row.classList.toggle("beyond", at >= fold));
  }

  function makeSortable(table) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    if (original.length < 2) return;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const next = { ascending: "descending", descending: null }[now] ?? (now ? null : "ascending");
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        if (next) head.setAttribute("aria-sort", next);
        const way = next === "descending" ? -1 : 1;
        body.append(...(next ? [...original].sort(byColumn(column, way)) : original));
        markBeyond(table);
      });
    });
  }

  function makeFoldable(table) {
    const total = table.tBodies[0].rows.length.toLocaleString("en");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "more";
    button.setAttribute("aria-controls", table.id);
    const show = (all) => {
      table.classList.toggle("folded", !all);
      button.setAttribute("aria-expanded", String(all));
      button.dataset.paper = all ? "" : `The first ${table.dataset.fold} of ${total} rows`;
      button.textContent = all ? `Show the first ${table.dataset.fold} rows` : `Show all ${total} rows`;
    };
    button.addEventListener("click", () => show(table.classList.contains("folded")));
    markBeyond(table);
    show(false);
    table.closest(".scroll").after(button);
  }

  /* In the contents, mark the section that is being read. */
  function followReading() {
    const links = new Map();
    for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
    const watcher = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((link) => link.removeAttribute("aria-current"));
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-10% 0px -80% 0px" });
    document.querySelectorAll("section").forEach((section) => watcher.observe(section));
  }

  /* Paper shows what a screen folds away. */
  function unfoldForPrint() {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("details:not([open])")];
      opened.forEach((each) => { each.open = true; });
    });
    addEventListener("afterprint", () => opened.forEach((each) => { each.open = false; }));
  }

  document.querySelectorAll("table").forEach(makeSortable);
  document.querySelectorAll("table[data-fold]").forEach(makeFoldable);
  followReading();
  unfoldForPrint();
})();

"use strict";
(() => {
  /* Whatever is not data takes the colour of the text around it, so that a chart follows light,
     dark and paper without being drawn again. */
  const ink = "currentColor";

  function config(width) {
    return {
      aria: false,
      background: null,
      font: getComputedStyle(document.body).fontFamily,
      view: { stroke: null },
      text: { color: ink, fontSize: 12 },
      title: { color: ink, subtitleColor: ink, anchor: "start", fontSize: 12, fontWeight: "normal" },
      header: { labelColor: ink, titleColor: ink },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", symbolSize: 70 },
      axis: {
        labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
        gridColor: ink, gridOpacity: 0.13, domainColor: ink, domainOpacity: 0.4, tickColor: ink, tickOpacity: 0.4,
        titlePadding: 10, labelSeparation: 6,
      },
      axisY: { labelLimit: Math.max(120, 0.5 * width), labelFontSize: width < 480 ? 11 : 12 },
    };
  }

  const stored = (name) => JSON.parse(document.getElementById(name).textContent);

  /* Rows, from a list of them or column by column. */
  function rowsOf(table) {
    if (!table.fields) return table;
    const { fields, columns } = table;
    return columns[0].map((_, at) => Object.fromEntries(fields.map((field, of) => [field, columns[of][at]])));
  }

  function specOf(place) {
    const names = place.dataset.uses.split(" ").filter(Boolean);
    const tables = names.map((name, at) => [`t${at + 1}`, rowsOf(stored(name))]);
    return { ...stored(place.dataset.spec), datasets: Object.fromEntries(tables) };
  }

  /* On a narrow page the title of a horizontal axis takes several lines instead of being cut. */
  function inLines(title, longest) {
    const lines = [""];
    for (const word of title.split(" ")) {
      const line = `${lines.at(-1)} ${word}`.trim();
      if (line.length > longest && lines.at(-1)) lines.push(word);
      else lines[lines.length - 1] = line;
    }
    return lines;
  }

  function withTitlesInLines(part, longest) {
    if (Array.isArray(part)) return part.map((inner) => withTitlesInLines(inner, longest));
    if (part === null || typeof part !== "object") return part;
    const parts = Object.entries(part).map(([key, inner]) => [key, withTitlesInLines(inner, longest)]);
    const whole = Object.fromEntries(parts);
    if (typeof whole.x?.title === "string") whole.x.title = inLines(whole.x.title, longest);
    return whole;
  }

  const nothingElsewhere = () => Promise.reject(new Error("a page asks nobody for anything"));

  async function draw(place) {
    if (!waiting.delete(place)) return;
    watcher.unobserve(place);
    drawing += 1;
    const canvas = document.createElement("div");
    canvas.className = "canvas";
    canvas.setAttribute("aria-hidden", "true"); // the words of its place stand for it
    place.append(canvas);
    try {
      const width = canvas.clientWidth;
      const whole = specOf(place);
      const spec = width < 480 ? { ...withTitlesInLines(whole, width / 13), datasets: whole.datasets } : whole;
      const { view } = await vegaEmbed(canvas, spec, {
        mode: "vega-lite",
        renderer: "svg",
        actions: false,
        ast: true, // expressions are interpreted: the page's policy allows no eval
        defaultStyle: false,
        config: config(width),
        tooltip: { disableDefaultStyle: true },
        loader: { load: nothingElsewhere, sanitize: nothingElsewhere, http: nothingElsewhere, file: nothingElsewhere },
      });
      if (spec.width === "container") elastic.set(place, view);
      place.classList.add("drawn");
      if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
    } catch (error) {
      canvas.remove();
      place.classList.add("failed");
      console.error(error);
    }
    drawing -= 1;
    settle();
  }

  /* The page says when all that is shown is drawn. */
  function settle() {
    document.documentElement.classList.toggle("settled", !drawing && !shown().length);
  }

  /* Of charts that follow the width of the page, their views. */
  const elastic = new Map();
  let drawing = 0;
  const waiting = new Set(document.querySelectorAll(".chart"));
  const shown = () => [...waiting].filter((place) => place.checkVisibility());

  /* First what is near the reader, then one by one the rest, each when nothing else is to do. What
     stands in an option that is not picked waits until it is. */
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
  }, { rootMargin: "50% 0px" });
  waiting.forEach((place) => watcher.observe(place));

  const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
  async function drawRest() {
    const [next] = shown();
    if (!next) return settle();
    await draw(next);
    whenIdle(drawRest);
  }
  addEventListener("load", () => whenIdle(drawRest));
  addEventListener("picked", ({ target }) => {
    shown().filter((place) => target.contains(place)).forEach(draw);
    settle();
  });

  /* Charts are drawn as wide as paper is, so that their letters keep their size. The browser waits
     for it: nothing here takes more than promises that are kept at once. */
  function widen() {
    elastic.forEach((view, place) => {
      if (place.checkVisibility()) view.width(place.querySelector(".canvas").clientWidth).runAsync();
    });
  }
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("onto-paper");
    widen();
    shown().forEach(draw);
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("onto-paper");
    widen();
  });
})();

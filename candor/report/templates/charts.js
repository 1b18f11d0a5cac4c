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
        titlePadding: 10,
      },
      axisY: { labelLimit: Math.max(120, 0.5 * width), labelFontSize: width < 480 ? 11 : 12 },
    };
  }

  const nothingElsewhere = () => Promise.reject(new Error("a page asks nobody for anything"));

  async function draw(holder) {
    const place = document.getElementById(holder.dataset.chart);
    const canvas = document.createElement("div");
    canvas.style.width = "100%";
    place.append(canvas);
    try {
      await vegaEmbed(canvas, JSON.parse(holder.textContent), {
        mode: "vega-lite",
        renderer: "svg",
        actions: false,
        ast: true, // expressions are interpreted: the page's policy allows no eval
        defaultStyle: false,
        config: config(place.clientWidth),
        tooltip: { disableDefaultStyle: true },
        loader: { load: nothingElsewhere, sanitize: nothingElsewhere, http: nothingElsewhere, file: nothingElsewhere },
      });
      place.classList.add("drawn");
    } catch (error) {
      canvas.remove();
      place.classList.add("failed");
      console.error(error);
    }
  }

  document.querySelectorAll("script[data-chart]").forEach(draw);
})();

"use strict";
(() => {
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

  followReading();
  unfoldForPrint();
  if (!document.querySelector(".chart")) document.documentElement.classList.add("settled");
})();

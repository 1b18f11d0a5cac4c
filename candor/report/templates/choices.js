"use strict";
(() => {
  /* A slider keeps the height of its tallest option so far: what stands below does not jump. */
  function makePickable(choice) {
    const control = choice.querySelector(":scope > .pick > select, :scope > .pick > input");
    if (!control) return;
    const said = choice.querySelector(":scope > .pick > output");
    const holder = choice.querySelector(":scope > .options");
    const options = [...holder.children];

    /* Who does not see the page hears what a stop of the slider does, in its first sentence. */
    function spoken(option) {
      const words = option.querySelector(".text p")?.textContent.split(/(?<=[.!?])\s/)[0] ?? "";
      return words.includes(option.dataset.name) ? words : `${option.dataset.name}. ${words}`.trim();
    }

    function show() {
      if (said) holder.style.minHeight = `${holder.offsetHeight}px`;
      const picked = options[Number(control.value)];
      options.forEach((each) => each.classList.toggle("picked", each === picked));
      if (said) {
        said.value = picked.dataset.name;
        control.setAttribute("aria-valuetext", spoken(picked));
      }
      picked.dispatchEvent(new Event("picked", { bubbles: true }));
    }

    control.addEventListener("input", show);
    if (said) control.setAttribute("aria-valuetext", spoken(options[Number(control.value)]));
    addEventListener("resize", () => { holder.style.minHeight = ""; });
    if (Number(control.value) !== options.findIndex((each) => each.classList.contains("picked"))) show();
  }

  document.querySelectorAll(".choice").forEach(makePickable);
})();

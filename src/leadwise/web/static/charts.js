// Draws the charts of a page: every `<div class="drawing" data-chart="NAME">` with its JSON.
//
// A chart is a function in the registry, added by a file of its own (charts-<group>.js):
//   window.leadwiseCharts.NAME = (data, width, colour) => Plot.plot({className: "chart", ...})
// `width` is that of the place in pixels, `colour("--accent")` one of app.css as the page has it
// now. The answer is an element, with className "chart" and without Plot's own legends: the content
// security policy lets no other style in. Charts are drawn when the page is there, when a part of
// it comes in later, when their width changes and when the colours do. One that fails says so, with
// the words of `data-failed`; its table is beside it.
"use strict";

window.leadwiseCharts = window.leadwiseCharts || {};

(() => {
  const LEAST_WIDTH = 260;
  const drawn = new Map(); // the place of a chart: {width, element}

  // A variable of the style may be light-dark(...): the browser says what it comes to.
  const probe = document.createElement("span");
  probe.hidden = true;

  function colour(name) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = "";
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  }

  function widthOf(place) {
    return Math.max(Math.floor(place.clientWidth), LEAST_WIDTH);
  }

  function failed(place, error) {
    const said = document.createElement("p");
    said.className = "quiet";
    said.textContent = place.dataset.failed || "This chart could not be drawn. Its table is below.";
    said.title = String(error);
    console.warn(`chart ${place.dataset.chart}: ${error}`);
    return said;
  }

  function describe(place, element) {
    const picture = element.matches("svg") ? element : element.querySelector("svg");
    if (!picture) return;
    // Plot names its groups, which have no role that may have a name.
    for (const group of picture.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
    const figure = place.closest("figure");
    const caption = figure && figure.querySelector("figcaption");
    picture.setAttribute("role", "img");
    picture.setAttribute(
      "aria-label",
      place.dataset.label || (caption ? caption.textContent.trim().replace(/\s+/g, " ") : place.dataset.chart),
    );
  }

  function draw(place) {
    const width = widthOf(place);
    let element;
    try {
      const chart = window.leadwiseCharts[place.dataset.chart];
      if (!chart) throw new Error("there is no chart of this name");
      const source = place.querySelector('script[type="application/json"]');
      element = chart(JSON.parse(source ? source.textContent : "null"), width, colour);
      describe(place, element);
    } catch (error) {
      element = failed(place, error);
    }
    const before = drawn.get(place);
    if (before && before.element.parentNode === place) before.element.replaceWith(element);
    else place.append(element);
    drawn.set(place, { width, element });
    place.dispatchEvent(new CustomEvent("leadwise:drawn", { bubbles: true }));
  }

  let waiting = false;
  const later = new Set();
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const before = drawn.get(target);
      if (target.clientWidth > 0 && (!before || before.width !== widthOf(target))) later.add(target);
    }
    if (waiting || later.size === 0) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      for (const place of later) if (place.isConnected) draw(place);
      later.clear();
    });
  });

  function find() {
    for (const place of drawn.keys()) {
      if (place.isConnected) continue;
      sizes.unobserve(place);
      drawn.delete(place);
    }
    for (const place of document.querySelectorAll("[data-chart]")) {
      if (drawn.has(place)) continue;
      if (place.clientWidth > 0) draw(place);
      sizes.observe(place); // one that is hidden still is drawn once it has a width
    }
  }

  function again() {
    for (const place of drawn.keys()) if (place.isConnected) draw(place);
  }

  document.addEventListener("DOMContentLoaded", () => {
    find();
    new MutationObserver((changes) => {
      const parts = changes.some((change) =>
        [...change.addedNodes].some(
          (node) => node.nodeType === 1 && (node.matches("[data-chart]") || node.querySelector("[data-chart]")),
        ),
      );
      if (parts) find();
    }).observe(document.body, { childList: true, subtree: true });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  // Paper is light whatever the screen is.
  window.addEventListener("beforeprint", again);
  window.addEventListener("afterprint", again);
})();

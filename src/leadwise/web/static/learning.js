// The calls of a team as a slider beside the number: what each order would have found is read off
// its points at once. Without this the number and its button do the same.
"use strict";

(() => {
  const percent = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent" });

  // Along a straight line between points, level beyond the last: as the page itself reads them.
  function at(points, calls) {
    let before = points[0];
    for (const point of points) {
      if (point[0] >= calls) {
        if (point[0] === before[0]) return point[1];
        return before[1] + ((point[1] - before[1]) * (calls - before[0])) / (point[0] - before[0]);
      }
      before = point;
    }
    return before ? before[1] : null;
  }

  function slide(form) {
    const orders = JSON.parse(form.querySelector('script[type="application/json"]').textContent);
    const number = form.querySelector("input[name=calls]");
    const part = form.closest("section");
    const said = part.querySelector("[data-calls-said]");
    const most = Number(form.dataset.most) || 100;
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = 1;
    slider.max = Math.max(most, 2);
    slider.step = 1;
    slider.value = number.value;
    slider.setAttribute("aria-label", form.dataset.label);
    number.after(slider);

    let later;
    function show(calls) {
      if (!(calls >= 1)) return;
      const told = orders.map((order, place) => {
        const share = at(order.points, calls);
        const written = share === null ? "–" : percent.format(share);
        part.querySelector(`[data-found="${place}"]`).textContent = written;
        part.querySelector(`[data-bar="${place}"]`).value = share || 0;
        return `${order.name}: ${written}`;
      });
      slider.setAttribute("aria-valuetext", `${calls}: ${told.join(", ")}`);
      clearTimeout(later);
      later = setTimeout(() => { said.textContent = told.join(", "); }, 600);
    }
    slider.addEventListener("input", () => { number.value = slider.value; show(Number(slider.value)); });
    number.addEventListener("input", () => { slider.value = number.value; show(Number(number.value)); });
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("[data-calls]")) slide(form);
  });
})();

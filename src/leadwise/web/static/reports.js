// Reports: the button that prints; on paper all tables are open. Days that are typed choose their own
// period, and another period empties them.
"use strict";

(() => {
  const opened = new Set();
  window.addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll(".report-figure details:not([open])")) {
      each.open = true;
      opened.add(each);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
    opened.clear();
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    }
    const period = document.getElementById("period");
    const days = ["from", "to"].map((name) => document.getElementById(name));
    if (!period || days.includes(null)) return;
    for (const day of days) {
      day.addEventListener("input", () => {
        if (day.value) period.value = "custom";
      });
    }
    period.addEventListener("change", () => {
      if (period.value !== "custom") for (const day of days) day.value = "";
    });
  });
})();

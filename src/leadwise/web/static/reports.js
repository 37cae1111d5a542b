// Reports: the button that prints; on paper all tables are open.
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
  });
})();

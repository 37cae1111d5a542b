// The lead's page: an entry that the address names (#event-12) is opened and shown.
"use strict";

(() => {
  function reveal() {
    const name = decodeURIComponent(location.hash.slice(1));
    const found = name && document.getElementById(name);
    if (!found) return;
    for (let part = found; part; part = part.parentElement) if (part.matches("details")) part.open = true;
    found.scrollIntoView({ block: "nearest" });
  }

  // Of the two ways to override only the one that was chosen is sent: the other field is inert.
  function choose(form) {
    const chosen = form.querySelector("input[name=what]:checked");
    if (!chosen) return;
    for (const name of ["band", "points"]) {
      const field = form.querySelector(`[name=${name}]`);
      if (field) field.disabled = chosen.value !== name;
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name=what]")) choose(event.target.form);
  });
  document.addEventListener("DOMContentLoaded", () => {
    reveal();
    for (const radio of document.querySelectorAll("input[name=what]:checked")) choose(radio.form);
  });
  window.addEventListener("hashchange", reveal);
})();

// The queue's keys, its buttons and dialogs. Without it every button is a form of its own and every
// link a page: it lets a row be answered where it stands, and keeps the focus there.
//
// A form with `data-row` changes the lead of that number: what comes back is its row as it is now.
// A link with `data-panel` opens the forms about a lead in the dialog.
"use strict";

(() => {
  const OFF = "leadwise.queue.keys-off";
  const list = document.getElementById("queue");
  const panel = document.getElementById("panel");
  const help = document.getElementById("help");
  const TWICE = 800; // milliseconds: so soon after, a second press of a button is the same press
  let opener = null; // the id of what opened the dialog
  let pressed = { what: "", at: 0 };

  function rowOf(number) {
    return document.getElementById(`lead-${number}`);
  }

  function say(text) {
    document.getElementById("said").textContent = text || "";
  }

  function parsed(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    return made.content;
  }

  // Put a row in the place of the one that is shown; the focus stays where it was.
  function replace(row, fresh) {
    const inside = row.contains(document.activeElement);
    const id = inside ? document.activeElement.id : "";
    row.replaceWith(fresh);
    if (inside) {
      const same = id && document.getElementById(id);
      (same || fresh.querySelector("a.open") || fresh.querySelector("a, button")).focus({ preventScroll: true });
    }
    if (window.htmx) window.htmx.process(fresh);
    document.dispatchEvent(new CustomEvent("queue:row", { detail: fresh }));
  }

  // What went wrong stands where it was tried: in the dialog, where what was typed stays, or in the
  // row, so that nobody loses their place; else at the head of the page.
  function problem(said, form) {
    const inside = form && panel.contains(form) ? document.getElementById("panel-content") : form && form.closest(".lead");
    let place = document.getElementById("problem");
    if (inside) {
      place = inside.querySelector(".trouble") || document.createElement("div");
      place.className = "trouble";
      inside.prepend(place);
    }
    place.replaceChildren(said);
    place.scrollIntoView({ block: "nearest" });
  }

  function unsent(form) {
    const said = document.createElement("p");
    said.className = "problem";
    said.setAttribute("role", "alert");
    said.textContent = list.dataset.unsent;
    problem(said, form);
  }

  async function ask(address, options = {}) {
    const headers = { "HX-Request": "true", "HX-Request-Type": "partial", Accept: "text/html" };
    const answer = await fetch(address, { ...options, headers, credentials: "same-origin" });
    const onward = answer.headers.get("HX-Redirect");
    if (onward) location.assign(onward);
    return { answer, html: await answer.text(), onward };
  }

  function nameOf(form, button) {
    return `${form.action} ${button ? button.value : ""}`;
  }

  async function send(form, button) {
    const number = form.dataset.row;
    const body = new FormData(form, button);
    for (const each of form.querySelectorAll("button")) each.setAttribute("aria-disabled", "true");
    try {
      const { answer, html, onward } = await ask(form.action, { method: "POST", body });
      if (onward) return;
      const target = answer.headers.get("HX-Retarget");
      if (target === "#panel-content") {
        document.getElementById("panel-content").replaceChildren(parsed(html));
        const wrong = panel.querySelector("[aria-invalid]");
        if (wrong) wrong.focus();
        return;
      }
      if (target || !answer.ok) {
        problem(parsed(html), form);
        return;
      }
      const fresh = parsed(html).querySelector("li");
      const row = rowOf(number);
      document.getElementById("problem").replaceChildren();
      if (row && fresh) replace(row, fresh);
      if (panel.open) panel.close();
      if (fresh) say(fresh.dataset.said);
      pressed = { what: nameOf(form, button), at: performance.now() };
    } catch {
      unsent(form); // it may have arrived: by the form's token a second time is the same outcome
    } finally {
      for (const each of form.querySelectorAll("button")) each.removeAttribute("aria-disabled");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.row) return;
    event.preventDefault();
    const button = event.submitter;
    if (button && button.getAttribute("aria-disabled") === "true") return;
    // The second half of a double click falls on the fresh row, whose button is another one.
    if (nameOf(form, button) === pressed.what && performance.now() - pressed.at < TWICE) return;
    send(form, button);
  });

  async function openPanel(link) {
    const { answer, html, onward } = await ask(link.href);
    if (onward) return;
    if (!answer.ok) {
      problem(parsed(html));
      return;
    }
    opener = link.id;
    document.getElementById("panel-content").replaceChildren(parsed(html));
    panel.showModal();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-panel]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPanel(link).catch(() => unsent());
  });

  panel.addEventListener("close", () => {
    const again = opener && document.getElementById(opener);
    const row = again || (opener && rowOf(opener.split("-").pop())?.querySelector("a.open"));
    if (row) row.focus({ preventScroll: true });
  });

  // --- more leads: the focus goes on to the first of them

  let last = null;
  document.addEventListener("htmx:before:swap", () => {
    const more = document.getElementById("more");
    last = more && more.contains(document.activeElement) ? more.previousElementSibling : null;
  });
  document.addEventListener("htmx:after:swap", () => {
    // Who has moved down since the page was opened comes a second time: the first stays.
    const seen = new Set();
    for (const row of list.querySelectorAll(".lead")) {
      if (seen.has(row.id)) row.remove();
      seen.add(row.id);
    }
    const next = last && last.nextElementSibling?.querySelector("a.open");
    if (next) next.focus();
    last = null;
  });

  // --- keys

  function isOn() {
    return localStorage.getItem(OFF) !== "1";
  }

  function links() {
    return [...document.querySelectorAll(".lead a.open")];
  }

  function current() {
    return document.activeElement ? document.activeElement.closest(".lead") : null;
  }

  function move(by) {
    const all = links();
    if (all.length === 0) return;
    const row = current();
    const at = row ? all.indexOf(row.querySelector("a.open")) : -1;
    const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[to].focus({ preventScroll: true });
    all[to].closest(".lead").scrollIntoView({ block: "nearest" });
  }

  // Where no lead is chosen the first is, and nothing is done yet: nobody records what they do not see.
  function press(what) {
    const row = current();
    if (!row) {
      move(1);
      return;
    }
    const button = document.getElementById(`${what}-${row.dataset.lead}`);
    if (button) button.click();
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    c: () => press("called"),
    a: () => press("sales_accepted"),
    s: () => press("snooze"),
    "/": () => document.getElementById("q").focus(),
    "?": () => help.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
    if (!isOn() || panel.open || help.open || !KEYS[event.key]) return;
    if (event.shiftKey && /^[a-z]$/.test(event.key)) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  const switch_ = document.getElementById("keys-on");
  switch_.checked = isOn();
  switch_.addEventListener("change", () => {
    if (switch_.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  const opens = document.getElementById("keys");
  opens.hidden = false;
  opens.addEventListener("click", () => help.showModal());

  window.leadwiseQueue = { list, ask, parsed, replace, rowOf };
})();

// The editor of a card: line numbers, checks as one types, saving without leaving the page. What is
// typed stays in the tab (sessionStorage) until it is saved, whatever becomes of the server.
"use strict";

(() => {
  const form = document.getElementById("writing");
  if (!form) return;
  const text = document.getElementById("text");
  const lines = document.getElementById("lines");
  const problems = document.getElementById("problems");
  const saved = document.getElementById("saved");
  const revision = document.getElementById("revision");
  const unsaved = document.getElementById("unsaved");
  const place = "leadwise-draft-" + form.dataset.draft;
  let shown = text.value; // what is saved, as far as this page knows
  let waiting = 0;
  let asked = 0;

  // An answer of the server to what this form holds; null where it does not answer.
  async function post(address, more) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.set(name, value);
    for (const [name, value] of Object.entries(more || {})) body.set(name, value);
    try {
      return await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    } catch {
      return null;
    }
  }
  window.leadwiseEditor = { form, text, post };

  function number() {
    const count = text.value.split("\n").length;
    if (lines.dataset.count === String(count)) return;
    lines.dataset.count = String(count);
    lines.textContent = Array.from({ length: count }, (_, i) => i + 1).join("\n") + "\n\n";
    lines.scrollTop = text.scrollTop;
  }

  function keep() {
    if (text.value === shown) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify({ text: text.value, revision: revision.value }));
  }

  async function check() {
    const mine = ++asked;
    const answer = await post("/studio/check");
    if (!answer || !answer.ok || mine !== asked) return;
    problems.innerHTML = await answer.text();
  }

  function changed() {
    number();
    keep();
    if (saved && text.value !== shown) saved.textContent = form.dataset.kept;
    clearTimeout(waiting);
    waiting = setTimeout(check, 400);
  }

  function toLine(line, column) {
    const rows = text.value.split("\n");
    const before = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
    const at = before + Math.min(column - 1, (rows[line - 1] || "").length);
    text.focus();
    text.setSelectionRange(at, at + 1);
    const height = parseFloat(getComputedStyle(text).lineHeight);
    text.scrollTop = Math.max(0, (line - 6) * height);
  }

  async function save(button) {
    const then = button && button.name === "then" ? button.value : "";
    const sent = text.value;
    saved.textContent = form.dataset.saving;
    const answer = await post(form.action, { then });
    if (!answer) {
      saved.textContent = form.dataset.offline;
      return;
    }
    const next = answer.headers.get("HX-Redirect");
    if (answer.ok && next) {
      shown = sent;
      sessionStorage.removeItem(place);
      if (next === location.pathname) location.reload();
      else location.assign(next);
      return;
    }
    const said = await answer.text();
    const part = document.createElement("template");
    part.innerHTML = said;
    const conflict = part.content.querySelector("[data-conflict]");
    const done = part.content.querySelector("[data-revision]");
    const old = document.getElementById("problem");
    old.replaceChildren();
    if (done) {
      revision.value = done.dataset.revision;
      shown = sent;
      saved.textContent = done.textContent;
      keep();
      return;
    }
    if (conflict) revision.value = conflict.dataset.conflict; // the next save knows what it replaces
    saved.textContent = form.dataset.kept;
    old.replaceChildren(part.content);
    old.scrollIntoView({ block: "nearest" });
    keep();
  }

  form.addEventListener("submit", (event) => {
    if (!saved) return;
    event.preventDefault();
    save(event.submitter);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && saved) {
      event.preventDefault();
      save(null);
    }
  });
  text.addEventListener("input", changed);
  text.addEventListener("scroll", () => { lines.scrollTop = text.scrollTop; });
  problems.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    toLine(Number(link.dataset.line), Number(link.dataset.column));
  });

  // A text that this tab kept, of a session or a server that ended before it was saved.
  const found = sessionStorage.getItem(place);
  const kept = found && JSON.parse(found);
  if (kept && kept.text !== text.value) {
    unsaved.hidden = false;
    document.getElementById("put-back").addEventListener("click", () => {
      unsaved.hidden = true;
      text.value = kept.text;
      revision.value = kept.revision;
      changed();
      text.focus();
    });
    document.getElementById("throw-away").addEventListener("click", () => {
      unsaved.hidden = true;
      sessionStorage.removeItem(place);
      text.focus();
    });
  }
  number();
})();

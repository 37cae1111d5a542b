// The form beside a call: saves each question as it is answered, keeps what could not be sent, and
// answers to keys. And the keys of the review. The pages work without it.
"use strict";

{
  const PAUSE_MS = 700;
  const AGAIN_MS = [2000, 5000, 15000, 30000];
  const typing = (element) =>
    element.closest("textarea, select, input:not([type=radio], [type=checkbox])") !== null;

  // Whoever types beside the choices means what is typed; whoever chooses, what is chosen.
  function agree(question, touched) {
    const chosen = question.querySelector("input[type=radio]:checked")?.value;
    const beside = typing(touched) || touched.type === "checkbox";
    const fields = question.querySelector("input[type=radio][value=fields]");
    if (beside && fields && touched.value && !touched.name.endsWith(".currency")) {
      fields.checked = true;
    } else if (beside && !fields && (touched.value || touched.checked) && ["none", "not_discussed"].includes(chosen)) {
      question.querySelector("input[type=radio]:checked").checked = false;
    } else if (touched.type === "radio" && (fields ? chosen !== "fields" : ["none", "not_discussed"].includes(chosen))) {
      for (const element of question.querySelectorAll(".blanks [name]")) {
        if (element.type === "checkbox") element.checked = false;
        else if (!element.name.endsWith(".currency")) element.value = "";
      }
    }
  }

  function formBesideACall(form) {
    const kept = form.dataset.kept;
    const timers = new Map();
    const running = new Set();
    let tries = 0;

    const questions = [...form.querySelectorAll("[data-question]")];
    const idOf = (question) => question.dataset.question;
    const read = () => {
      try { return JSON.parse(localStorage.getItem(kept)) || {}; } catch { return {}; }
    };
    const write = (unsent) => {
      try {
        if (Object.keys(unsent).length) localStorage.setItem(kept, JSON.stringify(unsent));
        else localStorage.removeItem(kept);
      } catch { /* a browser that keeps nothing: the page itself still holds what was typed */ }
    };
    const fieldsOf = (question) => {
      const start = idOf(question) + ".";
      return [...new FormData(form)].filter(([name]) => name.startsWith(start));
    };

    function say(question, text, kind) {
      const state = question.querySelector("[data-state]");
      state.textContent = text;
      state.className = "state small " + (kind || "");
      question.classList.toggle("unsaved", kind === "wait");
    }

    function fault(question, text) {
      const place = question.querySelector(".fault");
      place.textContent = text || "";
      place.hidden = !text;
      if (text) question.setAttribute("aria-describedby", place.id);
      else question.removeAttribute("aria-describedby");
    }

    function changed(question) {
      const unsent = read();
      unsent[idOf(question)] = fieldsOf(question);
      write(unsent);
      say(question, form.dataset.changed, "wait");
      clearTimeout(timers.get(question));
      timers.set(question, setTimeout(() => send(question), PAUSE_MS));
    }

    async function send(question) {
      const id = idOf(question);
      if (running.has(id)) {
        timers.set(question, setTimeout(() => send(question), PAUSE_MS));
        return;
      }
      const fields = fieldsOf(question);
      const sent = JSON.stringify(fields);
      const body = new URLSearchParams(fields);
      for (const name of ["_proof", "frame", "at"]) body.append(name, form.elements[name].value);
      running.add(id);
      say(question, form.dataset.saving, "wait");
      let answer;
      try {
        answer = await fetch(form.action, {
          method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual",
        });
        const known = answer.headers.get("content-type")?.includes("json");
        if (!known) throw new Error(String(answer.status));
        const found = await answer.json();
        tries = 0;
        const unsent = read();
        if (JSON.stringify(unsent[id]) === sent) { delete unsent[id]; write(unsent); }
        fault(question, found.faults[id]);
        if (found.faults[id]) say(question, form.dataset.changed, "wait");
        else if (sent === JSON.stringify(fieldsOf(question))) say(question, found.said, "done");
        const beside = document.getElementById("beside");
        if (beside.innerHTML !== found.beside) beside.innerHTML = found.beside;
      } catch {
        const out = answer && [0, 303, 401, 403].includes(answer.status);
        say(question, out ? form.dataset.out : form.dataset.unsaved, "wait");
        const wait = AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)];
        clearTimeout(timers.get(question));
        timers.set(question, setTimeout(() => send(question), wait));
      } finally {
        running.delete(id);
      }
    }

    function restore() {
      const unsent = read();
      for (const question of questions) {
        const fields = unsent[idOf(question)];
        if (!fields) continue;
        for (const element of question.querySelectorAll("[name]")) {
          const values = fields.filter(([name]) => name === element.name).map(([, value]) => value);
          if (["radio", "checkbox"].includes(element.type)) element.checked = values.includes(element.value);
          else element.value = values[0] || "";
        }
        say(question, form.dataset.back, "wait");
        timers.set(question, setTimeout(() => send(question), PAUSE_MS));
      }
    }

    form.addEventListener("input", (event) => {
      const question = event.target.closest("[data-question]");
      if (!question) return;
      agree(question, event.target);
      changed(question);
    });
    window.addEventListener("online", () => {
      tries = 0;
      for (const question of questions) if (read()[idOf(question)]) send(question);
    });
    form.addEventListener("submit", () => write({}));

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !keysAreOn()) return;
      const now = event.target.closest?.("[data-question]");
      if (event.key === "n" || event.key === "p") {
        const step = event.key === "n" ? 1 : -1;
        const place = now ? questions.indexOf(now) + step : step > 0 ? 0 : questions.length - 1;
        const next = questions[Math.max(0, Math.min(place, questions.length - 1))];
        const radios = [...next.querySelectorAll("input[type=radio]")];
        (radios.find((one) => one.checked) || radios[0]).focus();
        next.scrollIntoView({ block: "nearest" });
        event.preventDefault();
      } else if (now && /^[1-9]$/.test(event.key)) {
        const choice = now.querySelector(`[data-digit="${event.key}"]`);
        if (!choice) return;
        event.preventDefault();
        choice.focus();
        choice.checked = true;
        choice.dispatchEvent(new Event("input", { bubbles: true }));
        if (choice.value === "fields") now.querySelector(".blanks [name]")?.focus();
      }
    });

    for (const hint of form.querySelectorAll("[data-scripted]")) hint.hidden = false;
    restore();
  }

  // Single keys can be switched off: in the queue, for this browser.
  function keysAreOn() {
    try { return localStorage.getItem("leadwise.queue.keys-off") !== "1"; } catch { return true; }
  }

  function keysOfReview(place) {
    let decided = false;
    window.addEventListener("pageshow", () => { decided = false; });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
      if (decided || !keysAreOn()) return;
      const button = place.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
      if (!button) return;
      event.preventDefault();
      decided = !button.matches("summary");
      button.click();
      const first = button.matches("summary") && button.parentElement.querySelector("input, select, textarea");
      if (first) first.focus();
    });
  }

  for (const form of document.querySelectorAll("#answering, form.question")) {
    form.addEventListener("input", (event) => {
      const question = event.target.closest("[data-question]");
      if (question) agree(question, event.target);
    });
  }
  const form = document.getElementById("filling");
  if (form) formBesideACall(form);
  const review = document.getElementById("review");
  if (review) keysOfReview(review);
  for (const made of document.querySelectorAll("input.link-made")) {
    made.addEventListener("focus", () => made.select());
  }
}

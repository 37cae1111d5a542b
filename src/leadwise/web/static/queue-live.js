// The open queue stays true: rows whose score or band changes, or with which somebody does something,
// are shown anew where they stand, what is new is told in a bar, clocks go on. Nothing moves by itself.
"use strict";

(() => {
  const { list, ask, parsed, replace, rowOf } = window.leadwiseQueue;
  const PAUSE = 1000; // so long changes are gathered
  const MOST = 200;
  const title = document.title;
  const skew = Date.now() - Number(list.dataset.now);

  // --- clocks

  function written(number, unit) {
    const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 };
    return new Intl.NumberFormat(list.dataset.locale, options).format(number);
  }

  function span(milliseconds) {
    const minutes = Math.floor(Math.abs(milliseconds) / 60000);
    if (minutes <= 90) return written(minutes, "minute");
    if (minutes <= 48 * 60) return written(Math.floor(minutes / 60), "hour");
    return written(Math.floor(minutes / 1440), "day");
  }

  function tick() {
    const now = Date.now() - skew;
    for (const clock of list.querySelectorAll(".clock[data-until]")) {
      const left = Number(clock.dataset.until) - now;
      const said = list.dataset[left > 0 ? "left" : "over"].replace("{time}", span(left));
      const place = clock.querySelector("b");
      if (place && place.textContent !== said) place.textContent = said;
      clock.classList.toggle("left", left > 0);
      clock.classList.toggle("over", left <= 0);
    }
    for (const undo of list.querySelectorAll("form[data-gone]")) {
      if (Number(undo.dataset.gone) > now) continue;
      if (undo.contains(document.activeElement)) undo.closest(".lead").querySelector("a.open").focus();
      undo.remove();
    }
  }
  setInterval(tick, 15000);

  // --- changes

  const changed = new Set();
  const others = new Set();
  const news = new Set();
  let waiting = null;

  async function refresh() {
    const ids = [...changed].slice(0, MOST);
    for (const id of ids) changed.delete(id);
    if (ids.length === 0) return;
    const back = encodeURIComponent(list.dataset.back);
    const { answer, html } = await ask(`/queue/rows?ids=${ids.join(",")}&back=${back}`);
    if (!answer.ok) return;
    const found = new Map();
    for (const fresh of parsed(html).querySelectorAll("li.lead")) found.set(fresh.dataset.lead, fresh);
    for (const id of ids) {
      const row = rowOf(id);
      const fresh = found.get(String(id));
      // A row with an open question, or one that is out of the queue by now, is left alone.
      if (!row || row.querySelector(".problem") || row.classList.contains("away")) continue;
      // One that is being pressed, or whose answer is on its way, waits: the press would be lost.
      if (row.matches(":active") || row.querySelector("[aria-disabled=true]")) changed.add(id);
      else if (fresh) replace(row, fresh);
      else leave(row);
    }
  }

  // A lead that is part of another by now, erased or no longer scored: its name stays, nothing else.
  function leave(row) {
    const name = row.querySelector("a.open");
    const focused = row.contains(document.activeElement);
    const said = document.createElement("span");
    said.className = "quiet";
    said.textContent = ` ${list.dataset.gone}`;
    const line = document.createElement("p");
    line.append(name, said);
    row.replaceChildren(line);
    row.classList.add("away");
    if (focused) name.focus({ preventScroll: true });
  }

  async function look() {
    const ids = [...others].slice(-MOST);
    others.clear();
    if (ids.length === 0) return;
    const rows = list.querySelectorAll(".lead[data-place]");
    const full = document.getElementById("more");
    const above = full && rows.length ? `&above=${rows[rows.length - 1].dataset.place}` : "";
    const { answer, html } = await ask(`/queue/live/new?${list.dataset.query}&ids=${ids.join(",")}${above}`);
    if (!answer.ok) return;
    for (const id of JSON.parse(html).ids) if (!rowOf(id)) news.add(id);
    tell();
  }

  function tell() {
    const bar = document.getElementById("news");
    const link = bar.querySelector("a");
    bar.hidden = news.size === 0;
    if (news.size === 0) return;
    const said = (news.size === 1 ? link.dataset.one : link.dataset.many).replace("{num}", news.size);
    if (link.textContent !== said) {
      link.textContent = said;
      document.getElementById("said").textContent = said;
    }
    document.title = `(${news.size}) ${title}`;
  }

  function gather() {
    if (waiting) return;
    waiting = setTimeout(async () => {
      waiting = null;
      await Promise.allSettled([refresh(), look()]);
      if (changed.size || others.size) gather();
    }, PAUSE);
  }

  function heard(event) {
    const id = JSON.parse(event.data).lead_id;
    (rowOf(id) ? changed : others).add(id);
    gather();
  }

  // --- the stream: the browser connects again by itself; where it gives up, we do

  let again = 2000;
  let missed = false;
  function listen() {
    const source = new EventSource("/queue/live");
    const state = document.getElementById("live");
    source.addEventListener("open", () => {
      again = 2000;
      state.textContent = list.dataset.live;
      if (!missed) return;
      missed = false; // scores are not told again
      for (const row of list.querySelectorAll(".lead")) changed.add(Number(row.dataset.lead));
      gather();
    });
    source.addEventListener("score", heard);
    source.addEventListener("band", heard);
    source.addEventListener("act", heard);
    source.addEventListener("error", () => {
      state.textContent = list.dataset.lost;
      missed = true;
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(listen, again);
      again = Math.min(again * 2, 60000);
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  }
  listen();
})();

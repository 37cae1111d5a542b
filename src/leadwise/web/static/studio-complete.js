// Suggestions in the editor of a card: a list beside the cursor (ARIA's listbox pattern), asked for by
// Ctrl and Space or while one types. Tab indents; Escape and then Tab leaves the text.
"use strict";

(() => {
  const editor = window.leadwiseEditor;
  if (!editor || editor.text.readOnly) return;
  const { text, form, post } = editor;
  const list = document.getElementById("offers");
  const said = document.getElementById("offered");
  let start = 0;
  let chosen = -1;
  let offers = [];
  let asked = 0;
  let waiting = 0;
  let leaving = false;
  text.setAttribute("aria-controls", "offers");
  text.setAttribute("aria-haspopup", "listbox");

  function close() {
    asked++;
    clearTimeout(waiting);
    list.hidden = true;
    list.replaceChildren();
    offers = [];
    chosen = -1;
    text.removeAttribute("aria-activedescendant");
  }

  function choose(index) {
    chosen = (index + offers.length) % offers.length;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    const item = list.children[chosen];
    text.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  // Offsets of the server count characters, those of the browser halves of pairs beyond U+FFFF.
  const toServer = (offset) => [...text.value.slice(0, offset)].length;
  const toBrowser = (offset) => [...text.value].slice(0, offset).join("").length;

  function accept() {
    const end = text.selectionStart;
    const offer = offers[chosen];
    text.focus();
    text.setSelectionRange(start, end);
    // The one way of writing that the browser's undo knows.
    if (!document.execCommand("insertText", false, offer.text)) text.setRangeText(offer.text, start, end, "end");
    close();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  function put() {
    const before = text.value.slice(0, start).split("\n");
    const style = getComputedStyle(text);
    const probe = document.createElement("canvas").getContext("2d");
    probe.font = style.font;
    const left = probe.measureText("0").width * before[before.length - 1].length;
    const height = parseFloat(style.lineHeight);
    const top = before.length * height + parseFloat(style.paddingTop) - text.scrollTop;
    const most = text.offsetLeft + text.clientWidth - list.offsetWidth - 8;
    const across = text.offsetLeft + parseFloat(style.paddingLeft) + left - text.scrollLeft;
    list.style.left = Math.max(4, Math.min(across, most)) + "px";
    const under = top + list.offsetHeight < text.clientHeight;
    list.style.top = (under ? top : Math.max(4, top - height - list.offsetHeight)) + "px";
  }

  async function ask(explicit) {
    const mine = ++asked;
    const cursor = text.selectionStart;
    const answer = await post("/studio/complete", { cursor: toServer(cursor) });
    if (!answer || !answer.ok || mine !== asked || cursor !== text.selectionStart) return;
    const found = await answer.json();
    offers = found.offers;
    start = toBrowser(found.start);
    if (!offers.length || (!explicit && start === cursor)) {
      close();
      if (explicit) said.textContent = form.dataset.none;
      return;
    }
    list.replaceChildren(...offers.map((offer, i) => {
      const item = document.createElement("li");
      const detail = document.createElement("span");
      item.id = "offer-" + i;
      item.setAttribute("role", "option");
      item.append(offer.text.trim());
      detail.className = "detail";
      detail.textContent = offer.detail;
      item.append(detail);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        chosen = i;
        accept();
      });
      return item;
    }));
    list.hidden = false;
    said.textContent = form.dataset.offered.replace("%(number)s", offers.length);
    choose(0);
    put();
  }

  text.addEventListener("input", (event) => {
    close();
    if (!event.isTrusted || !/^(insertText|deleteContentBackward)$/.test(event.inputType)) return;
    if (/[\w'"]$/.test(text.value.slice(0, text.selectionStart))) waiting = setTimeout(() => ask(false), 200);
  });

  text.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      ask(true);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (open && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      accept();
    } else if (event.key === "Escape") {
      if (open) {
        event.preventDefault();
        close();
      } else leaving = true;
      return;
    } else if (event.key === "Tab" && !event.shiftKey && !leaving) {
      event.preventDefault();
      const at = text.selectionStart;
      if (!document.execCommand("insertText", false, "  ")) text.setRangeText("  ", at, text.selectionEnd, "end");
    }
    leaving = false;
  });
  text.addEventListener("blur", () => { close(); leaving = false; });
  text.addEventListener("click", close);
})();

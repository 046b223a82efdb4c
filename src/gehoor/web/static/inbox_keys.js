// Keys of the inbox, which one can change, and the list of all that can be done (Ctrl K). Never with Alt.
"use strict";
(() => {
  const find = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const STORE = "gehoor.keys";
  const sheet = find("#desk-keys"), palette = find("#palette");
  const own = (() => { try { return JSON.parse(localStorage.getItem(STORE)) ?? {}; } catch { return {}; } })();
  const buttons = all("[data-remap]");
  const keyOf = (name) => own[name] ?? find(`[data-remap=${name}]`)?.dataset.default ?? "";
  const actOf = (key) => buttons.map((button) => button.dataset.remap).find((name) => keyOf(name) === key);
  let goingSince = 0, asks = null;

  const show = () => {
    for (const button of buttons) button.textContent = keyOf(button.dataset.remap);
    for (const hint of all("[data-kbd]")) hint.textContent = keyOf(hint.dataset.kbd);
  };

  const rows = () => all("[data-row] > a");
  let opening = 0;
  const step = (by) => {
    const links = rows();
    const now = links.findIndex((link) => link === document.activeElement || link.getAttribute("aria-current"));
    const focused = links.indexOf(document.activeElement);
    const next = links[Math.min(Math.max((focused >= 0 ? focused : now) + by, 0), links.length - 1)];
    if (!next) return;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    clearTimeout(opening); // whoever runs through the list opens only where they stop
    opening = setTimeout(() => { if (document.activeElement === next) next.click(); }, 160);
  };
  const pick = () => {
    const row = (document.activeElement.closest?.("[data-row]")) ?? find(".it.on");
    const box = row && find(".pick", row);
    if (!box) return;
    box.checked = !box.checked;
    document.dispatchEvent(new Event("picked"));
  };
  const press = (name) => {
    const node = find(`.conv [data-act=${name}]`);
    if (!node || node.disabled) return;
    if (node.tagName === "SELECT") { node.focus(); return; }
    const menu = node.tagName === "SUMMARY" ? node.parentElement : null;
    if (menu) { menu.open = !menu.open; (menu.open ? find("input:not([type=hidden]), button", menu) : node)?.focus(); } else node.click();
  };
  const back = () => (find(".views [aria-current]") ?? find(".views a"))?.click();
  const doers = { next: () => step(1), previous: () => step(-1), pick, back, undo: () => (find("[data-toast] [data-key='u']") ?? find("[data-key='u']"))?.click() };
  const run = (name) => (doers[name] ?? (() => press(name)))();

  const remap = (key) => {
    const name = asks.dataset.remap;
    asks.classList.remove("asks");
    asks = null;
    if (key.length !== 1 || "/?g;@".includes(key)) { show(); return; }
    const other = actOf(key);
    if (other && other !== name) own[other] = keyOf(name);
    own[name] = key;
    localStorage.setItem(STORE, JSON.stringify(own));
    show();
  };
  for (const button of buttons) button.addEventListener("click", () => { asks?.classList.remove("asks"); asks = button; button.classList.add("asks"); button.textContent = "…"; });
  find("[data-reset]").addEventListener("click", () => { for (const name of Object.keys(own)) delete own[name]; localStorage.removeItem(STORE); show(); });

  // All that can be done here, found by typing.
  const input = find("input", palette), list = find("ul", palette);
  let at = 0, found = [];
  const offered = () => [
    ...all(".conv [data-act][data-name]").filter((node) => !node.disabled).map((node) => ({ name: node.dataset.name, key: keyOf(node.dataset.act), act: () => press(node.dataset.act) })),
    ...all(".acts .pop button, .why-now .pop button").map((node) => ({ name: node.textContent.trim().replace(/\s+/gu, " "), key: "", act: () => node.click() })),
    ...all("[data-view]").map((node) => ({ name: node.dataset.view, key: "", act: () => node.click() })),
    ...all(".rail nav[aria-label] > a").map((node) => ({ name: node.textContent.trim(), key: "", act: () => node.click() })),
  ];
  const draw = () => {
    const words = input.value.toLowerCase().split(/\s+/u).filter(Boolean);
    found = offered().filter((one) => one.name && words.every((word) => one.name.toLowerCase().includes(word))).slice(0, 40);
    at = Math.min(at, Math.max(found.length - 1, 0));
    list.replaceChildren(...found.map((one, number) => {
      const line = document.createElement("li"), key = document.createElement("kbd"), name = document.createElement("span");
      line.role = "option"; line.id = `palette-${number}`; line.ariaSelected = String(number === at); line.dataset.number = number;
      name.textContent = one.name; key.textContent = one.key;
      line.append(name);
      if (one.key) line.append(key);
      return line;
    }));
    input.setAttribute("aria-activedescendant", found.length ? `palette-${at}` : "");
    find(`#palette-${at}`)?.scrollIntoView({ block: "nearest" });
  };
  const openPalette = () => { input.value = ""; at = 0; palette.showModal(); draw(); input.focus(); };
  const take = (number) => { palette.close(); found[number]?.act(); };
  input.addEventListener("input", () => { at = 0; draw(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { at = (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.max(found.length, 1); draw(); event.preventDefault(); }
    if (event.key === "Enter") { event.preventDefault(); take(at); }
  });
  list.addEventListener("click", (event) => { const line = event.target.closest("li"); if (line) take(Number(line.dataset.number)); });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); if (palette.open) palette.close(); else openPalette(); return; }
    if (event.ctrlKey || event.metaKey || palette.open) return;
    if (asks) { event.preventDefault(); event.stopImmediatePropagation(); remap(event.key); return; }
    if (event.key === "Escape") {
      if (sheet.open) { sheet.close(); return; }
      const menu = find(".acts details[open], .why-now details[open], .views details[open]");
      if (menu) { menu.open = false; find("summary", menu).focus(); return; }
      if (event.target.closest("textarea, input[type=search]")) { event.target.blur(); (find(".it.on > a") ?? rows()[0])?.focus({ preventScroll: true }); }
      return;
    }
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const isGoing = Date.now() - goingSince < 1_200;
    goingSince = event.key === "g" ? Date.now() : 0;
    if (isGoing || event.key === "g" || event.key === "/") return; // rooms and search are the whole product's
    if (event.key === "?") { if (sheet.open) sheet.close(); else sheet.show(); } else if (actOf(event.key)) run(actOf(event.key)); else if (!/^[a-z]$/u.test(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("opened", show);
  show();
})();

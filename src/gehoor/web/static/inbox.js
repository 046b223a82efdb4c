// The inbox while it is open: what comes in, who else is here, and the box in which we write.
"use strict";
(() => {
  const find = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const desk = find(".desk");
  const open = () => find(".conv[data-conversation]");
  const kept = (name) => `gehoor.text.${name}`;
  const post = (path, fields) => fetch(path, { method: "POST", body: new URLSearchParams(fields), keepalive: true });
  let shownAs = document.title;

  // A window is known by a number of its own, so that two of one person are two.
  const mine = sessionStorage.getItem("gehoor.window") ?? crypto.getRandomValues(new Uint32Array(3)).join("-");
  sessionStorage.setItem("gehoor.window", mine);
  let wroteAt = 0, here = "";
  const present = async (writing = false) => {
    const now = open()?.dataset.conversation ?? "";
    if (here && here !== now) await post(`/inbox/${here}/here`, { window: mine, left: "yes" });
    here = now;
    if (now && !document.hidden) post(`/inbox/${now}/here`, { window: mine, ...(writing ? { writing: "yes" } : {}) });
  };
  const typed = () => { if (Date.now() - wroteAt > 8_000) { wroteAt = Date.now(); present(true); } };
  setInterval(() => present(), 20_000);
  addEventListener("pagehide", () => { if (here) navigator.sendBeacon(`/inbox/${here}/here`, new URLSearchParams({ window: mine, left: "yes" })); });
  document.body.addEventListener("htmx:configRequest", (event) => { if (event.detail.path.endsWith("/who")) event.detail.parameters.window = mine; });

  // What others do shows at once, in its place: no line moves while somebody reads.
  const again = () => {
    const list = find("#rows");
    const ids = all("[data-row]").map((row) => row.dataset.row);
    if (!list || !ids.length || document.hidden) return;
    const shown = open()?.dataset.conversation ?? "";
    const focused = document.activeElement?.closest?.("[data-row]")?.dataset.row;
    const { path, query } = { path: list.dataset.again.split("?")[0], query: new URLSearchParams(list.dataset.again.split("?")[1] ?? "") };
    query.set("ids", ids.join("-")); query.set("shown", shown);
    fetch(`${path}?${query}`, { headers: { "HX-Request": "true" } }).then((answer) => (answer.ok ? answer.text() : null)).then((text) => {
      if (text === null || find("#rows") !== list) return;
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const picked = new Set(all(".pick:checked").map((box) => box.value)); // also what was picked while the answer was on its way
      for (const row of all("[data-row]", list)) {
        const now = fresh.getElementById(row.id);
        row.classList.toggle("gone", !now);
        if (now) { Idiomorph.morph(row, now, { morphStyle: "outerHTML" }); htmx.process(row); }
      }
      for (const box of all(".pick", list)) box.checked = picked.has(box.value);
      if (focused && document.activeElement === document.body) find(`#c${focused} > a`)?.focus({ preventScroll: true });
      mark();
    });
  };
  const thread = (isForced = false) => {
    const box = find("#thread"), conversation = open();
    if (!box || document.hidden) return;
    fetch(`${box.dataset.again}&seen=${conversation.dataset.seen}${isForced === true ? "&force=yes" : ""}`, { headers: { "HX-Request": "true" } }).then((answer) => (answer.status === 200 ? answer.text() : null)).then((text) => {
      if (text === null || find("#thread") !== box) return;
      const wasNew = all(".msg", box).length;
      Idiomorph.morph(box, text, { morphStyle: "innerHTML" });
      if (all(".msg", box).length > wasNew) find(".msg:last-child", box)?.scrollIntoView({ block: "nearest" });
      const now = find("[data-now]", box)?.dataset.now, form = find("#reply");
      conversation.dataset.seen = now ?? conversation.dataset.seen;
      // what stood before their eyes for three seconds is read; what came later than that keeps an answer from leaving
      if (now) setTimeout(() => { if (find("#reply") === form && !document.hidden) find("[name=seen]", form).value = now; }, 3_000);
    });
  };
  // after each in its own time: what is open at once, the list a little later, however much comes in
  const later = (act, ms) => { let timer = 0; return () => { if (!timer) timer = setTimeout(() => { timer = 0; act(); }, ms); }; };
  const soon = later(thread, 100), calmly = later(again, 4_000), promptly = later(() => { again(); thread(true); }, 300);
  document.body.addEventListener("heard", () => { soon(); calmly(); });
  document.body.addEventListener("desk", promptly);
  setInterval(again, 30_000); // clocks run also when nothing is said
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.path.includes("/inbox/fresh")) event.detail.parameters.known = all("[data-row]").map((row) => row.dataset.row).join("-");
  });

  // Which line is open, and what a phone shows: the list, the conversation, or the person.
  const mark = () => {
    const shown = open()?.dataset.conversation;
    for (const row of all("[data-row]")) {
      const is = row.dataset.row === shown;
      row.classList.toggle("on", is);
      const link = find("a", row);
      if (is) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  };
  const place = () => {
    const at = new URL(location.href);
    desk.dataset.at = !open() ? "list" : at.searchParams.get("at") === "person" ? "person" : "conversation";
    if (open()) document.title = `${open().dataset.title} · ${shownAs.split(" · ").slice(1).join(" · ")}`;
  };

  // The box: text that was not sent stays in this browser, by conversation.
  const count = (() => {
    let timer = 0;
    return (form, text) => {
      const shown = find("[data-count]", form), most = Number(form.dataset.most) || 0, to = find("[name=to]", form)?.value ?? "";
      const tell = (n) => {
        shown.textContent = text ? (most ? shown.dataset.of.replace("{n}", n).replace("{most}", most) : n) : "";
        shown.classList.toggle("over", most > 0 && n > most);
      };
      tell([...text].length);
      clearTimeout(timer);
      if (text && most) timer = setTimeout(() => post(form.dataset.length, { text, to }).then((answer) => answer.ok && answer.json()).then((told) => told && tell(told.n)), 250);
    };
  })();
  // Where it goes, of several: each takes as many characters as it takes, and asks for what it asks for.
  const whither = (form) => {
    const chosen = find("select[name=to]", form)?.selectedOptions[0];
    if (!chosen) return;
    for (const one of all("[data-to]", form)) { one.hidden = one.dataset.to !== chosen.value; if (one.hidden) find("input", one).checked = false; }
    form.dataset.most = chosen.dataset.most;
    find("[data-send]", form).dataset.reply = chosen.dataset.send;
    if (!form.classList.contains("noting")) find("[data-send] span", form).textContent = chosen.dataset.send;
    count(form, find("textarea", form).value);
  };
  const mode = (form, name) => {
    const text = find("textarea", form), send = find("[data-send]", form);
    for (const button of all("[data-mode]", form)) button.setAttribute("aria-pressed", String(button.dataset.mode === name));
    form.classList.toggle("noting", name === "note");
    text.placeholder = text.dataset[name];
    find("span", send).textContent = send.dataset[name];
    for (const button of all("[data-only]", form)) button.hidden = button.dataset.only !== name;
    if (name === "reply") whither(form);
    const path = `/inbox/${form.dataset.conversation}/${name}`;
    form.setAttribute("action", path); form.setAttribute("hx-post", path); send.removeAttribute("formaction");
    htmx.process(form);
    text.focus();
  };
  const settle = () => {
    const form = find("#reply");
    if (!form || form.dataset.ready) return;
    form.dataset.ready = "yes";
    const text = find("textarea", form), name = kept(form.dataset.conversation);
    if (!text.value) text.value = localStorage.getItem(name) ?? "";
    if (find("[data-mode=note][aria-pressed=true]", form)) { form.classList.add("noting"); form.setAttribute("hx-post", `/inbox/${form.dataset.conversation}/note`); htmx.process(form); }
    count(form, text.value);
    whither(form);
    const thread = find("#thread"), conv = open();
    if (thread && conv) conv.scrollTop = conv.scrollHeight;
  };

  // Canned replies after ; and members after @, chosen by arrows and Enter.
  const hints = { at: 0, from: -1, found: [] };
  const hide = () => { hints.from = -1; const list = find(".hints"); if (list) list.hidden = true; };
  const shows = (list, items) => {
    list.replaceChildren(...items.map((item, number) => {
      const line = document.createElement("li"), name = document.createElement("b"), more = document.createElement("span");
      line.role = "option"; line.ariaSelected = String(number === hints.at); line.dataset.number = number;
      name.textContent = item.dataset.name; more.textContent = item.dataset.text ?? "";
      line.append(name, more);
      return line;
    }));
    list.hidden = !items.length;
  };
  const suggest = (form, text) => {
    const before = text.value.slice(0, text.selectionStart);
    const isNote = form.classList.contains("noting");
    const found = /(^|\s)([;@])([^\s;@]*)$/u.exec(before);
    if (!found || (found[2] === "@" && !isNote)) { hide(); return; }
    const items = all(found[2] === ";" ? ".canned li" : ".members li", form);
    hints.found = items.filter((item) => item.dataset.name.toLowerCase().includes(found[3].toLowerCase())).slice(0, 8);
    hints.from = before.length - found[3].length - 1;
    hints.at = 0;
    shows(find(".hints", form), hints.found);
  };
  const choose = (form, number) => {
    const text = find("textarea", form), item = hints.found[number];
    if (!item) return;
    const words = item.dataset.text ?? `@${item.dataset.name} `;
    const from = hints.from < 0 ? text.selectionStart : hints.from;
    if (item.dataset.from) { const made = find("[name=from]", form); made.value = [...new Set([...made.value.split("|"), item.dataset.from])].filter(Boolean).join("|"); }
    text.setRangeText(words, from, text.selectionStart, "end");
    hide();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("#reply");
    if (!form || event.target.tagName !== "TEXTAREA") return;
    const text = event.target;
    if (text.value) localStorage.setItem(kept(form.dataset.conversation), text.value); else localStorage.removeItem(kept(form.dataset.conversation));
    count(form, text.value);
    suggest(form, text);
    typed();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("#reply");
    if (!form || event.isComposing) return;
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(find("[data-send]", form)); return; }
    const list = find(".hints", form);
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      hints.at = (hints.at + (event.key === "ArrowDown" ? 1 : -1) + hints.found.length) % hints.found.length;
      shows(list, hints.found);
    } else if (event.key === "Enter" || event.key === "Tab") choose(form, hints.at);
    else if (event.key === "Escape") { hide(); event.stopPropagation(); } else return;
    event.preventDefault();
  }, true);
  document.addEventListener("click", (event) => {
    const form = event.target.closest("#reply");
    if (form) {
      const line = event.target.closest(".hints li");
      if (line) choose(form, Number(line.dataset.number));
      const switched = event.target.closest("[data-mode]");
      if (switched && !switched.disabled) mode(form, switched.dataset.mode);
      const used = event.target.closest("[data-use]");
      if (used) { const text = find("textarea", form); const offer = used.closest("[data-offer]"); text.value = offer.dataset.offer; find("[name=from]", form).value = offer.dataset.from; text.dispatchEvent(new Event("input", { bubbles: true })); text.focus(); }
      if (event.target.closest("[data-canned]")) { hints.found = all(".canned li", form); hints.from = -1; hints.at = 0; find("textarea", form).focus(); shows(find(".hints", form), hints.found); }
    }
    // one menu at a time, and none after a click elsewhere
    for (const menu of all(".acts > details[open], .why-now details[open], .views details[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target;
    if (form.id !== "reply") return;
    if (!find("textarea", form).value.trim()) { event.preventDefault(); find("textarea", form).focus(); return; }
    find("[data-send]", form).disabled = true;
  });
  document.body.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) for (const send of all("[data-send]")) send.disabled = false; });
  const fade = () => { for (const toast of all("[data-toast]")) setTimeout(function gone() { if (toast.matches(":hover, :focus-within")) setTimeout(gone, 2_000); else toast.remove(); }, 10_000); };
  let focus = "";
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "open") return;
    focus = document.activeElement?.dataset?.act ?? "";
    // what left is let go of, and the keys are the inbox's again; what did not leave stays, with the cursor in it
    const sent = event.detail.requestConfig?.elt;
    if (sent?.id !== "reply" || event.detail.serverResponse.includes('class="changed"')) return;
    localStorage.removeItem(kept(sent.dataset.conversation));
    document.activeElement?.blur();
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "open") return;
    place(); mark(); settle(); present(); again(); fade();
    document.dispatchEvent(new Event("opened"));
    if (focus) find(`[data-act=${focus}]`)?.focus({ preventScroll: true });
    if (matchMedia("(max-width: 720px)").matches) scrollTo(0, 0);
  });
  addEventListener("popstate", () => location.reload());

  // Several at once.
  const bar = find("#bulk");
  const picked = () => {
    const n = all(".pick:checked").length, told = find("[data-picked]");
    bar.hidden = n === 0;
    desk.classList.toggle("picking", n > 0);
    told.textContent = n === 1 ? told.dataset.one : told.dataset.other.replace("{n}", n);
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".pick")) picked();
    if (event.target.matches?.("#bulk select") && event.target.value) { const act = document.createElement("input"); act.type = "hidden"; act.name = "act"; act.value = "assign"; bar.append(act); bar.submit(); }
  });
  find("[data-unpick]")?.addEventListener("click", () => { for (const box of all(".pick:checked")) box.checked = false; picked(); });
  document.addEventListener("picked", picked);

  place(); mark(); settle(); present(); fade();
})();

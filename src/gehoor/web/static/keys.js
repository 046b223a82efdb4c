// Keys (/ g j k e u ?) and the switch between light and dark. Never with Alt, Ctrl or Meta, never while somebody types.
"use strict";
(() => {
  const rooms = { t: "/", b: "/inbox", p: "/posts", v: "/stories", a: "/alerts", m: "/people", q: "/quality", s: "/sources", i: "/settings" };
  const sheet = document.getElementById("keys");
  let isGoing = 0;

  const step = (by) => {
    const posts = [...document.querySelectorAll("[data-post]")];
    const at = posts.findIndex((post) => post.contains(document.activeElement));
    const next = posts[Math.min(Math.max(at + by, 0), posts.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  // The card that has the focus, else the first one in sight.
  const mend = () => {
    const posts = [...document.querySelectorAll("[data-post]")];
    const post = posts.find((one) => one.contains(document.activeElement)) ?? posts.find((one) => one.getBoundingClientRect().top >= 0);
    const part = post?.querySelector(".mend");
    if (!part) return;
    part.open = !part.open;
    (part.open ? part.querySelector("button") : post).focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && sheet.open) sheet.close();
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const key = event.key;
    if (Date.now() - isGoing < 1_200 && rooms[key]) location.assign(rooms[key]);
    else if (key === "/") document.querySelector("[data-key='/']")?.focus();
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "e") mend();
    else if (key === "u") document.querySelector("[data-key='u']")?.click();
    else if (key === "?") { if (sheet.open) sheet.close(); else sheet.show(); }
    else if (key !== "g") return;
    isGoing = key === "g" ? Date.now() : 0;
    event.preventDefault();
  });

  // What was just done is told for ten seconds, longer while somebody is on it; the card that was changed keeps the focus.
  const fade = () => {
    for (const toast of document.querySelectorAll("[data-toast]")) {
      setTimeout(function gone() { if (toast.matches(":hover, :focus-within")) setTimeout(gone, 2_000); else toast.remove(); }, 10_000);
    }
  };
  let mended = "";
  document.body.addEventListener("htmx:beforeSwap", (event) => { if (event.target.matches?.("[data-post]")) mended = event.target.id; });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (!mended) return;
    document.getElementById(mended)?.focus({ preventScroll: true });
    mended = "";
    fade();
  });
  fade();

  const page = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (page.dataset.theme ? page.dataset.theme === "dark" : system.matches);
  const buttons = document.querySelectorAll("[data-theme-switch]");
  const name = () => {
    for (const button of buttons) {
      button.hidden = false;
      button.textContent = isDark() ? button.dataset.light : button.dataset.dark;
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      page.dataset.theme = isDark() ? "light" : "dark";
      document.cookie = `theme=${page.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
      name();
      document.dispatchEvent(new Event("theme"));
    });
  }
  system.addEventListener("change", () => { name(); document.dispatchEvent(new Event("theme")); });
  name();
})();

// Keys (/ g j k ?) and the switch between light and dark. Never with Alt, Ctrl or Meta, never while somebody types.
"use strict";
(() => {
  const rooms = { t: "/", p: "/posts", s: "/sources" };
  const sheet = document.getElementById("keys");
  let isGoing = 0;

  const step = (by) => {
    const posts = [...document.querySelectorAll("[data-post]")];
    const at = posts.findIndex((post) => post.contains(document.activeElement));
    const next = posts[Math.min(Math.max(at + by, 0), posts.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && sheet.open) sheet.close();
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const key = event.key;
    if (Date.now() - isGoing < 1_200 && rooms[key]) location.assign(rooms[key]);
    else if (key === "/") document.querySelector("[data-key='/']")?.focus();
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "?") { if (sheet.open) sheet.close(); else sheet.show(); }
    else if (key !== "g") return;
    isGoing = key === "g" ? Date.now() : 0;
    event.preventDefault();
  });

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

// Waits while the pages begin anew, then goes on; where something is shown only once, it says so and stays.
"use strict";
(() => {
  const box = document.querySelector("[data-moment]");
  const begun = Date.now();
  let wasAway = false;
  const ready = () => {
    if (!("stays" in box.dataset)) { location.replace(box.dataset.moment); return; }
    box.querySelector("[data-waiting]").hidden = true;
    box.querySelector("[data-ready]").hidden = false;
  };
  const ask = async () => {
    try {
      const answer = await fetch("/settings", { cache: "no-store" });
      if (answer.ok && (wasAway || Date.now() - begun > 12_000)) { ready(); return; }
    } catch {
      wasAway = true;
    }
    setTimeout(ask, 500);
  };
  setTimeout(ask, 1_000);
})();

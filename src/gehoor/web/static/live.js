// Keeps an open page up to date: listens to /live and lets each part of the page ask for itself again.
"use strict";
(() => {
  const states = document.querySelectorAll("[data-live]");
  const said = document.getElementById("said");
  const page = document.documentElement;
  const time = new Intl.DateTimeFormat(page.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.dataset.zone });
  const SILENCE_MS = 40_000; // the stream breathes every 15 s
  const ANNOUNCE_MS = 15_000;
  let stream = null, last = new Date(), heardFrom = Date.now(), announcedAt = 0, sentence = "";

  const show = (state) => {
    for (const node of states) {
      const text = node.dataset[state].replace("{time}", time.format(last));
      node.className = `live ${state}`;
      if (node.textContent !== text) node.textContent = text;
    }
  };

  const heard = () => {
    heardFrom = Date.now();
    last = new Date();
    show("on");
  };

  const connect = () => {
    if (stream) stream.close();
    stream = new EventSource("/live");
    heardFrom = Date.now();
    // after a gap the page may be behind, so opening counts as news
    stream.addEventListener("open", () => { heard(); htmx.trigger(document.body, "heard"); htmx.trigger(document.body, "alert"); });
    stream.addEventListener("breath", heard);
    stream.addEventListener("alert", () => htmx.trigger(document.body, "alert"));
    stream.addEventListener("desk", () => htmx.trigger(document.body, "desk"));
    stream.addEventListener("heard", () => { heard(); htmx.trigger(document.body, "heard"); });
    stream.onerror = () => {
      show("off");
      if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 5_000);
    };
  };

  // A screen reader hears an alarm at once, the sentence when it changed and not more often than every 15 seconds.
  let alarm = document.querySelector("[data-alarm]")?.dataset.alarm ?? "";
  const announce = () => {
    const shout = document.querySelector("[data-alarm]")?.dataset.alarm ?? "";
    if (shout && shout !== alarm) { said.textContent = shout; announcedAt = Date.now(); }
    alarm = shout;
    const now = document.querySelector("[data-sentence]")?.dataset.sentence ?? "";
    if (!now || now === sentence) return;
    if (sentence && Date.now() - announcedAt < ANNOUNCE_MS) return;
    if (sentence) said.textContent = said.dataset.said.replace("{sentence}", now);
    announcedAt = Date.now();
    sentence = now;
  };

  // What the reader opened stays open, and what draws itself is left alone.
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: (old) => !(old.dataset && "keep" in old.dataset),
    beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
  });

  document.body.addEventListener("htmx:afterSettle", announce);
  document.addEventListener("visibilitychange", () => {
    // a hidden page holds no line: a browser has only six to one host
    if (document.hidden) { stream?.close(); stream = null; } else if (!stream) connect();
  });
  setInterval(() => {
    if (stream && Date.now() - heardFrom > SILENCE_MS) { show("off"); connect(); }
  }, 5_000);
  addEventListener("pagehide", () => { stream?.close(); stream = null; });
  announce();
  if (!document.hidden) connect();
})();

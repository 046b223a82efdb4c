// Going through posts by keys alone: numbers and letters choose, arrows move, Enter says right, n skips, u takes back.
"use strict";
(() => {
  const form = () => document.querySelector("[data-ask]");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const options = (row) => [...row.querySelectorAll("input")];
  let at = 0;

  // Where keys go: one row, marked, with the focus on its answer.
  const stand = (row) => {
    const all = rows();
    at = Math.min(Math.max(row, 0), all.length - 1);
    all.forEach((one, number) => one.classList.toggle("here", number === at));
    const inputs = all[at] ? options(all[at]) : [];
    (inputs.find((input) => input.checked) ?? inputs[0])?.focus({ preventScroll: all.length < 2 });
  };

  const tell = () => {
    const button = form()?.querySelector(".go");
    if (!button) return;
    const isRight = [...form().querySelectorAll("input[type=radio]:checked")].every((input) => "head" in input.dataset);
    button.querySelector("span").textContent = isRight ? button.dataset.right : button.dataset.other;
  };

  const choose = (input) => { if (input) { input.checked = true; input.dispatchEvent(new Event("change", { bubbles: true })); } };

  const turn = (by) => {
    const inputs = options(rows()[at] ?? document);
    const next = inputs.findIndex((input) => input.checked) + by;
    choose(inputs[(next + inputs.length) % inputs.length]);
    stand(at);
  };

  const act = (key) => {
    const own = rows()[at];
    const keyed = own && [...own.querySelectorAll("label")].find((label) => label.querySelector("kbd")?.textContent === key);
    if (key === "Enter") form().querySelector(".go").click();
    else if (key === "n") form().querySelector("[data-key-n]").click();
    else if (key === "u") document.querySelector("#ask [data-key='u']")?.click();
    else if (key === "ArrowLeft" || key === "ArrowRight") turn(key === "ArrowLeft" ? -1 : 1);
    else if (key === "ArrowUp" || key === "ArrowDown") stand(at + (key === "ArrowUp" ? -1 : 1));
    else if (keyed) { choose(keyed.querySelector("input")); stand(at + 1); }
    else return false;
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.getElementById("keys").open) return;
    if (!form() && event.key !== "u") return;
    if (event.target.closest("input:not([type=radio]), select, textarea")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (!act(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("change", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (!row) return;
    at = rows().indexOf(row);
    rows().forEach((one, number) => one.classList.toggle("here", number === at));
    tell();
  });

  const begin = () => { tell(); stand(0); scrollTo(0, 0); };
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "ask") begin(); });
  begin();
})();

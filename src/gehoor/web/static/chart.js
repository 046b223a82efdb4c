// Draws the curve from the table beside it: the table is the truth, the picture follows.
"use strict";
(() => {
  const page = document.documentElement;
  const HOUR = 3_600_000, DAY = 24 * HOUR;
  let chart = null, rows = [];

  const colour = (name) => getComputedStyle(page).getPropertyValue(`--${name}`).trim();
  const format = (options) => new Intl.DateTimeFormat(page.lang, { timeZone: page.dataset.zone, hourCycle: "h23", ...options });
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const weekday = format({ weekday: "short", day: "numeric" });
  const date = format({ day: "numeric", month: "short" });
  const month = format({ month: "short", year: "numeric" });
  const count = new Intl.NumberFormat(page.lang);

  // Distance between two names on the axis, and how such a name is written.
  const scale = (length, width) => {
    const most = Math.max(4, Math.floor(width / 74));
    const steps = [10 * 60_000, 20 * 60_000, HOUR, 3 * HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 91 * DAY, 365 * DAY];
    const step = steps.find((candidate) => length / candidate <= most) ?? steps.at(-1);
    return { step, names: step < DAY ? clock : length <= 8 * DAY ? weekday : length <= 300 * DAY ? date : month };
  };

  const read = (figure) =>
    [...figure.querySelectorAll("tr[data-at]:not([data-running])")].map((row) => ({
      at: Number(row.dataset.at) - Number(figure.dataset.since),
      n: Number(row.dataset.n),
      name: row.querySelector("th").textContent,
      shown: row.querySelector("td").textContent,
      href: row.querySelector("a")?.href,
    }));

  const band = (figure) => {
    if (!figure.dataset.band) return [];
    const edges = JSON.parse(figure.dataset.band);
    const area = { type: "line", stack: "band", symbol: "none", silent: true, lineStyle: { width: 0 }, animation: false };
    return [
      { ...area, data: edges.map(([at, low]) => [at, low]) },
      { ...area, data: edges.map(([at, low, high]) => [at, high - low]), areaStyle: { color: colour("band"), opacity: 1 } },
    ];
  };

  // Alerts: a line from the ground up, its words on top, in the colour of its level.
  const marks = (figure, length, width) => {
    const high = (figure.dataset.band ? JSON.parse(figure.dataset.band) : []).reduce((most, edge) => Math.max(most, edge[2]), 1);
    const top = rows.reduce((most, row) => Math.max(most, row.n), high);
    const all = JSON.parse(figure.dataset.marks || "[]");
    // words need room: the gravest alert has them, and each other one that stands apart from those that do
    const named = [];
    for (const mark of [...all].sort((a, b) => b[1] - a[1])) {
      if (named.every((other) => Math.abs(other[0] - mark[0]) * width > 120 * length)) named.push(mark);
    }
    return all.map((mark) => {
      const [at, level, text] = mark;
      const isLate = at > 0.25 * length;
      const label = {
        show: named.includes(mark), formatter: text, position: isLate ? "left" : "right", distance: 8, color: colour(`alarm-${level}`),
        fontWeight: 600, fontSize: 12, fontFamily: "Figtree Variable", textBorderColor: colour("surface"), textBorderWidth: 4,
      };
      return {
        type: "line", z: 5, silent: true, animation: false, symbol: "circle", symbolSize: 0.1,
        data: [[at, 0], { value: [at, 1.2 * top], label }], lineStyle: { width: 1.5, color: colour(`alarm-${level}-mark`) },
      };
    });
  };

  const curve = () => ({
    type: "line", data: rows.map(({ at, n }) => [at, n]), symbol: "none", z: 3, animation: false,
    lineStyle: { width: 2, color: colour("accent") }, areaStyle: { color: colour("accent"), opacity: 0.1 },
  });

  // The last point carries its own words: no legend, nothing to look up. They stand on paper, above what the curve
  // did just before.
  const now = (figure, length, width) => {
    const { at, n } = rows.at(-1);
    const isLate = at > 0.66 * length;
    const reach = (140 / width) * length;
    const top = isLate ? Math.max(...rows.filter((row) => at - row.at < reach).map((row) => row.n)) : n;
    const dot = { type: "line", z: 4, silent: true, animation: false, itemStyle: { color: colour("accent") } };
    const label = {
      show: Boolean(figure.dataset.now), formatter: figure.dataset.now ?? "", position: "top", align: isLate ? "right" : "left",
      color: colour("accent"), fontWeight: 600, fontSize: 12, fontFamily: "Figtree Variable",
      textBorderColor: colour("surface"), textBorderWidth: 4,
    };
    return [
      { ...dot, data: [[at, n]], symbol: "circle", symbolSize: 8 },
      { ...dot, data: [[at, top]], symbol: "circle", symbolSize: 0.1, label: { ...label, distance: 8 } },
    ];
  };

  const nearest = (at) => rows.reduce((best, row) => (Math.abs(row.at - at) < Math.abs(best.at - at) ? row : best), rows[0]);

  const options = (figure, width) => {
    const since = Number(figure.dataset.since);
    const length = Number(figure.dataset.until) - since;
    const { step, names } = scale(length, width);
    const text = { color: colour("ink-3"), fontSize: 12, fontFamily: "Figtree Variable" };
    return {
      grid: { left: 4, right: 8, top: 28, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: {
        type: "value", min: 0, max: length, interval: step, splitLine: { show: false }, axisTick: { show: false },
        axisLine: { lineStyle: { color: colour("line") } },
        axisLabel: { ...text, hideOverlap: true, formatter: (at) => (at === length && step < DAY && length >= DAY ? "24:00" : names.format(since + at)) },
      },
      yAxis: {
        type: "value", min: 0, minInterval: 1, splitNumber: 3, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: colour("line") } },
        axisLabel: { ...text, formatter: (n) => count.format(n) },
      },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("surface"), borderColor: colour("line-2"),
        textStyle: { color: colour("ink"), fontSize: 12, fontFamily: "Figtree Variable" },
        axisPointer: { lineStyle: { color: colour("line-2") } },
        formatter: (points) => { const row = nearest(points[0].axisValue); return `${row.name}   ${row.shown}`; },
      },
      series: [...band(figure), curve(), ...marks(figure, length, width), ...now(figure, length, width)],
    };
  };

  const draw = () => {
    const node = document.getElementById("curve");
    const figure = node?.closest("figure");
    if (!figure) return;
    if (!chart || chart.getDom() !== node) open(node);
    rows = read(figure);
    if (!rows.length) rows = [{ at: 0, n: 0, name: "", shown: "0" }];
    if (node.clientWidth) chart.setOption(options(figure, node.clientWidth), { notMerge: true });
  };

  const open = (node) => {
    chart?.dispose();
    chart = echarts.init(node, null, { renderer: "canvas" });
    chart.getZr().on("click", ({ offsetX, offsetY }) => {
      if (!chart.containPixel("grid", [offsetX, offsetY])) return;
      const row = nearest(chart.convertFromPixel({ xAxisIndex: 0 }, offsetX));
      if (row?.href) location.assign(row.href);
    });
    new ResizeObserver(() => { chart.resize(); draw(); }).observe(node);
  };

  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector?.("#curve")) draw(); });
  document.addEventListener("theme", draw);
  document.fonts.load("12px 'Figtree Variable'").finally(draw);
})();

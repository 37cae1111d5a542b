// Charts of the lead's page: `waterfall` (the ledger) and `course` (the score over time).
//
// waterfall: {bars: [{label, kind, points, from, to}], bands: [{label, at}]}, in points
// course:    {said, true, ahead: [[ms, points]], events: [[ms, name]], now: ms,
//             bands: [{label, at}], words: {now}}; its key is beside it
// Times are what the clock on the wall shows, in milliseconds as if that were UTC.
"use strict";

(() => {
  const charts = (window.leadwiseCharts = window.leadwiseCharts || {});
  const named = document.documentElement.lang || "en";
  const language = named === "en" ? "en-GB" : named; // as the dates of the pages are written
  const written = (options) => {
    const format = new Intl.NumberFormat(language, { maximumFractionDigits: 2, ...options });
    return { format: (value) => format.format(value).replace("-", "−") }; // the sign, as in the tables
  };
  const number = written({});
  const signed = written({ signDisplay: "exceptZero" });
  const LETTER = 6.6; // pixels of a letter, about
  const LINE = 14; // pixels of a line of labels

  // Labels that would lie upon each other go to further lines: the line of each, 0 the nearest.
  // `labels` are [{from, to}], the pixels that each takes along the way that they stand in.
  function apart(labels) {
    const ends = []; // of what stands in each line
    const order = labels.map((_, place) => place).sort((a, b) => labels[a].from - labels[b].from);
    const found = [];
    for (const place of order) {
      let line = ends.findIndex((end) => end + 6 <= labels[place].from);
      if (line < 0) line = ends.length;
      ends[line] = labels[place].to;
      found[place] = line;
    }
    return found;
  }

  charts.waterfall = (data, width, colour) => {
    const bars = data.bars.map((bar, place) => ({ ...bar, place }));
    const narrow = width < 520;
    const room = narrow ? 8 : Math.min(240, Math.round(width * 0.34));
    const row = narrow ? 44 : 30;
    const ends = [0, ...bars.flatMap((bar) => [bar.from, bar.to])];
    const [least, most] = [Math.min(...ends), Math.max(...ends)];
    const bands = data.bands.filter((band) => band.at >= least && band.at <= most * 1.15 + 1);
    const reach = Math.max(most, ...bands.map((band) => band.at));
    const space = (reach - least || 1) * (narrow ? 0.28 : 0.12); // for the numbers at the ends
    const fill = (bar) =>
      bar.kind === "total" ? colour("--accent") : bar.points < 0 ? colour("--bad") : bar.kind === "override" ? colour("--warn") : colour("--good");
    const shorten = (label) => {
      const most = narrow ? Math.floor(width / 7) : Math.floor(room / 6.6);
      return label.length > most ? label.slice(0, most - 1) + "…" : label;
    };
    const half = narrow ? 0.36 : 0.4;
    // Where thresholds are close their labels stand one above the other, each at its dashed line.
    const left = room + (narrow ? 0 : 8);
    const begin = least < 0 ? least - space : 0;
    const across = (value) => left + ((value - begin) / (reach + space - begin)) * (width - left - 16);
    const lines = apart(bands.map((band) => {
      const reaches = (band.label.length * LETTER) / 2;
      return { from: across(band.at) - reaches, to: across(band.at) + reaches };
    }));
    const above = Math.max(0, ...lines) * LINE;
    return Plot.plot({
      className: "chart",
      width,
      height: bars.length * row + 50 + above,
      marginLeft: left,
      marginRight: 16,
      marginTop: 22 + above,
      marginBottom: 28,
      x: { domain: [begin, reach + space], ticks: narrow ? 4 : 8, tickFormat: (d) => number.format(d), label: null, grid: true },
      y: { type: "linear", domain: [bars.length - 0.4, -0.6], axis: null },
      marks: [
        Plot.ruleX([0], { stroke: colour("--quiet") }),
        Plot.ruleX(bands, { x: "at", stroke: colour("--quiet"), strokeDasharray: "4 3" }),
        ...bands.map((band, place) =>
          Plot.text([band], { x: "at", text: "label", frameAnchor: "top", dy: -14 - lines[place] * LINE, fill: colour("--quiet") }),
        ),
        Plot.link(bars.slice(0, -1), {
          x1: "to", x2: "to", y1: (bar) => bar.place, y2: (bar) => bar.place + 1, stroke: colour("--quiet"), strokeWidth: 1,
        }),
        Plot.rect(bars, {
          x1: "from", x2: "to", y1: (bar) => bar.place - half + (narrow ? 0.2 : 0), y2: (bar) => bar.place + half + (narrow ? 0.1 : 0), fill, rx: 2,
        }),
        Plot.text(bars, {
          x: (bar) => Math.max(bar.from, bar.to), y: (bar) => bar.place + (narrow ? 0.15 : 0), dx: 5, textAnchor: "start", fontWeight: "bold",
          text: (bar) => (bar.kind === "total" ? number.format(bar.points) : signed.format(bar.points)), fill: colour("--ink"),
        }),
        Plot.text(bars, {
          frameAnchor: narrow ? undefined : "left", x: narrow ? () => Math.max(least, 0) : undefined,
          y: (bar) => bar.place - (narrow ? 0.32 : 0), dx: narrow ? 2 : -8, textAnchor: narrow ? "start" : "end",
          text: (bar) => shorten(bar.label), title: "label", fill: colour("--ink"), fontWeight: (bar) => (bar.kind === "total" ? "bold" : "normal"),
        }),
      ],
    });
  };

  charts.course = (data, width, colour) => {
    const points = (pairs) => pairs.map(([at, value]) => ({ at: new Date(at), value }));
    const [said, known, ahead] = [points(data.said), points(data.true), points(data.ahead)];
    const now = new Date(data.now);
    const start = known.length ? known[0].at : said.length ? said[0].at : now;
    // What was said holds until it was said anew; what was said before the picture begins with it.
    const steps = said.map((one) => ({ ...one, at: one.at < start ? start : one.at }));
    if (steps.length) steps.push({ ...steps[steps.length - 1], at: now });
    const all = [...steps, ...known, ...ahead];
    const values = all.map((one) => one.value);
    const highest = Math.max(10, ...values);
    const lowest = Math.min(0, ...values);
    const bands = data.bands.filter((band) => band.at <= highest * 1.25 && band.at >= lowest);
    const top = Math.max(highest, ...bands.map((band) => band.at)) * 1.06;
    const end = ahead.length ? ahead[ahead.length - 1].at : now;
    const day = new Intl.DateTimeFormat(language, { timeZone: "UTC", day: "numeric", month: "short" });
    const foot = lowest - (top - lowest) * 0.1;
    const down = (value) => ((top - value) / (top - foot)) * (300 - 54);
    const lines = apart(bands.map((band) => ({ from: down(band.at), to: down(band.at) + LINE - 6 })));
    const aside = (place) => {
      const before = bands.filter((_, other) => lines[other] < lines[place]);
      return before.length ? Math.max(...before.map((band) => band.label.length)) * LETTER * lines[place] + 10 : 0;
    };
    const marks = data.events.map(([at, name]) => ({ at: new Date(at), name }));
    return Plot.plot({
      className: "chart",
      width,
      height: 300,
      marginLeft: 44,
      marginRight: 20,
      marginTop: 24,
      marginBottom: 30,
      x: { type: "utc", domain: [start, end], ticks: Math.max(2, Math.floor(width / 110)), tickFormat: (d) => day.format(d), label: null },
      y: { domain: [foot, top], ticks: 5, tickFormat: (d) => number.format(d), label: null, grid: true },
      marks: [
        Plot.rectX([{ from: now, to: end }], { x1: "from", x2: "to", fill: colour("--soft"), fillOpacity: 0.6 }),
        Plot.ruleY(bands, { y: "at", stroke: colour("--quiet"), strokeDasharray: "4 3" }),
        ...bands.map((band, place) =>
          Plot.text([band], { y: "at", x: () => end, text: "label", textAnchor: "end", dy: -7, dx: -2 - aside(place), fill: colour("--quiet"), stroke: colour("--sheet"), strokeWidth: 3 }),
        ),
        Plot.ruleX([now], { stroke: colour("--quiet") }),
        Plot.text([now], { x: (d) => d, text: () => data.words.now, frameAnchor: "top", dy: -12, fill: colour("--quiet") }),
        Plot.ruleX(marks, { x: "at", y1: foot, y2: foot + (top - foot) * 0.045, stroke: colour("--ink"), strokeWidth: 1.5, title: "name" }),
        Plot.line(steps, { x: "at", y: "value", curve: "step-after", stroke: colour("--ink"), strokeWidth: 2 }),
        Plot.line(known, { x: "at", y: "value", stroke: colour("--accent"), strokeWidth: 1.5 }),
        Plot.line(ahead, { x: "at", y: "value", stroke: colour("--accent"), strokeWidth: 2, strokeDasharray: "2 4" }),
      ],
    });
  };
})();

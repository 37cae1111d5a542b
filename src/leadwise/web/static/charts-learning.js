// The charts of learning, each made of plain data: labels are words already, shares run 0 to 1.
// What a card does now is hollow or quiet, what the past says is in the accent: no colour alone.
"use strict";

window.leadwiseCharts = window.leadwiseCharts || {};

(() => {
  const SIGNS = 7.5; // pixels that a sign of a label takes
  const language = document.documentElement.lang || "en";
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const short = (label, most) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);
  const charts = window.leadwiseCharts;

  function percents(top) {
    const maximumFractionDigits = top > 0.05 ? 0 : top > 0.005 ? 1 : 2;
    const written = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits });
    return (share) => written.format(share);
  }

  function sideways(data, width, more) {
    const labels = data.map((each) => each.label);
    const most = Math.max(3, Math.floor((width * 0.4) / SIGNS));
    const longest = Math.max(...labels.map((label) => Math.min(label.length, most)), 3);
    return Plot.plot({
      className: "chart",
      width,
      marginLeft: Math.ceil(longest * SIGNS) + 16,
      marginRight: 24,
      marginBottom: 40,
      y: { type: "band", label: null, domain: [...labels.keys()], tickFormat: (row) => short(labels[row], most), tickSize: 0 },
      ...more,
    });
  }

  // {dots: [{label, value, low, high, other?, shown}], axis, stroke}: figures with their intervals.
  charts.spans = ({ dots, axis, stroke }, width, colour) => {
    const rows = dots.map((dot, row) => ({ ...dot, row }));
    // One interval that says nothing must not press all others flat.
    const middle = dots.flatMap((dot) => [dot.value, dot.other ?? dot.value, stroke]);
    const reach = Math.max(d3.max(middle) - d3.min(middle), 1e-6);
    const low = Math.max(d3.min([...dots.map((dot) => dot.low), ...middle]), d3.min(middle) - reach * 1.5);
    const high = Math.min(d3.max([...dots.map((dot) => dot.high), ...middle]), d3.max(middle) + reach * 1.5);
    const held = (value) => Math.min(Math.max(value, low), high);
    return sideways(dots, width, {
      height: 56 + 28 * dots.length,
      x: { label: axis, domain: [low, high], nice: true, grid: true, ticks: width < 400 ? 3 : 6, tickFormat: (n) => number.format(n) },
      marks: [
        Plot.ruleX([stroke], { stroke: colour("--ink") }),
        Plot.ruleY(rows, { y: "row", x1: (dot) => held(dot.low), x2: (dot) => held(dot.high), stroke: colour("--accent"), strokeWidth: 2 }),
        Plot.dot(rows.filter((dot) => dot.other != null), { y: "row", x: "other", r: 5, stroke: colour("--quiet"), strokeWidth: 2, fill: colour("--sheet") }),
        Plot.dot(rows, { y: "row", x: "value", r: 5, fill: colour("--accent"), title: "shown" }),
      ],
    });
  };

  // {curves: [{name, points: [[x, y]]}], x, y, chance}
  charts.gains = ({ curves, x, y, chance }, width, colour) => {
    const colours = ["--accent", "--quiet", "--good", "--warn", "--bad"].map(colour);
    const dashes = [null, "6 4", "2 3", "8 3 2 3", "1 4"];
    const side = Math.min(width, 560);
    const named = curves.map((curve, place) => ({
      ...curve, colour: colours[place % 5], dash: dashes[place % 5],
    }));
    return Plot.plot({
      className: "chart",
      width: side,
      height: side * 0.75,
      marginLeft: 52,
      marginBottom: 44,
      x: { label: x, domain: [0, 1], tickFormat: percents(1), ticks: 5, grid: true },
      y: { label: y, domain: [0, 1], tickFormat: percents(1), ticks: 5, grid: true },
      marks: [
        Plot.line([[0, 0], [1, 1]], { stroke: colour("--quiet"), strokeDasharray: "4 4" }),
        Plot.text([[0.72, 0.66]], { text: () => chance, fill: colour("--quiet"), textAnchor: "start" }),
        ...named.map((curve) => Plot.line(curve.points, { x: "0", y: "1", stroke: curve.colour, strokeWidth: 2.5, strokeDasharray: curve.dash })),
        Plot.link(named, { x1: 0.5, x2: 0.56, y1: (_, place) => 0.3 - place * 0.07, y2: (_, place) => 0.3 - place * 0.07, stroke: "colour", strokeWidth: 2.5, strokeDasharray: (curve) => curve.dash ?? "none" }),
        Plot.text(named, { x: 0.58, y: (_, place) => 0.3 - place * 0.07, text: (curve) => short(curve.name, Math.floor(side * 0.34 / SIGNS)), textAnchor: "start", fill: "colour", fontWeight: 600 }),
      ],
    });
  };

  // {points: [{score, value, low, high}], x, y}: the probability that a score means.
  charts.knots = ({ points, x, y }, width, colour) => {
    const top = Math.max(d3.max(points, (point) => point.high), 0.01);
    const side = Math.min(width, 640);
    return Plot.plot({
      className: "chart",
      width: side,
      height: side * 0.6,
      marginLeft: 52,
      marginBottom: 44,
      x: { label: x, ticks: 6, grid: true, tickFormat: (n) => number.format(n) },
      y: { label: y, domain: [0, top], tickFormat: percents(top), ticks: 5, grid: true },
      marks: [
        Plot.areaY(points, { x: "score", y1: "low", y2: "high", fill: colour("--accent"), fillOpacity: 0.2 }),
        Plot.line(points, { x: "score", y: "value", stroke: colour("--accent"), strokeWidth: 2.5 }),
        Plot.ruleY([0], { stroke: colour("--ink") }),
      ],
    });
  };

  // {bars: [{label, before, after}], axis}: shares before (pale) and now (dark).
  charts.pairs = ({ bars, axis }, width, colour) => {
    const top = Math.max(d3.max(bars, (bar) => Math.max(bar.before, bar.after)), 0.01);
    const rows = bars.map((bar, row) => ({ ...bar, row }));
    return sideways(bars, width, {
      height: 56 + 34 * bars.length,
      x: { label: axis, domain: [0, top], grid: true, ticks: width < 400 ? 3 : 6, tickFormat: percents(top) },
      marks: [
        Plot.barX(rows, { y: "row", x: "before", fill: colour("--quiet"), fillOpacity: 0.35, insetTop: 3, insetBottom: 17 }),
        Plot.barX(rows, { y: "row", x: "after", fill: colour("--accent"), insetTop: 17, insetBottom: 3 }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
    });
  };

  // {bars: [{label, value, low, high, said, shown}], axis}: what came as bars, what was said as rings.
  charts.said = ({ bars, axis }, width, colour) => {
    const top = Math.max(d3.max(bars, (bar) => Math.max(bar.high, bar.said ?? 0)), 0.01);
    const rows = bars.map((bar, row) => ({ ...bar, row }));
    return sideways(bars, width, {
      height: 56 + 34 * bars.length,
      x: { label: axis, domain: [0, top], grid: true, ticks: width < 400 ? 3 : 6, tickFormat: percents(top) },
      marks: [
        Plot.barX(rows, { y: "row", x: "value", fill: colour("--accent"), fillOpacity: 0.75, insetTop: 5, insetBottom: 5, title: "shown" }),
        Plot.ruleY(rows, { y: "row", x1: "low", x2: "high", stroke: colour("--ink"), strokeWidth: 2 }),
        Plot.dot(rows.filter((bar) => bar.said != null), { y: "row", x: "said", r: 6, stroke: colour("--bad"), strokeWidth: 2.5, fill: colour("--sheet") }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
    });
  };
})();

// The charts of reports, each made of plain data: labels are words already, shares run from 0 to 1.
"use strict";

window.leadwiseCharts = window.leadwiseCharts || {};

(() => {
  const SIGNS = 7; // pixels that a sign of a label takes
  const percent = (share) => `${Math.round(share * 100)} %`;
  const short = (label, most) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);

  // Room at the left for the longest label, never more than two fifths of the width.
  function room(labels, width) {
    const most = Math.max(3, Math.floor((width * 0.4) / SIGNS));
    const longest = Math.max(...labels.map((label) => Math.min(label.length, most)), 3);
    return { left: longest * SIGNS + 16, most };
  }

  function sideways(data, width, marks, more = {}) {
    const labels = data.map((each) => each.label);
    const { left, most } = room(labels, width);
    return Plot.plot({
      className: "chart",
      width,
      height: 56 + 40 * data.length,
      marginLeft: left,
      marginRight: 24,
      marginBottom: 40,
      y: { label: null, domain: labels, tickFormat: (label) => short(label, most), tickSize: 0 },
      marks,
      ...more,
    });
  }

  const charts = window.leadwiseCharts;

  // {bars: [{label, value, low, high, shown}], axis, upright?}
  charts.rates = ({ bars, axis, upright }, width, colour) => {
    const top = Math.max(...bars.map((bar) => bar.high), 0.01);
    const share = { label: axis, domain: [0, top], tickFormat: percent, grid: true, ticks: 5 };
    const fill = colour("--accent");
    const ink = colour("--ink");
    if (upright && bars.length > 2 && width >= 70 * bars.length) {
      return Plot.plot({
        className: "chart",
        width,
        height: 280,
        marginLeft: 48,
        marginBottom: 40,
        x: { label: null, domain: bars.map((bar) => bar.label), tickSize: 0 },
        y: share,
        marks: [
          Plot.barY(bars, { x: "label", y: "value", fill, fillOpacity: 0.75, insetLeft: 6, insetRight: 6, title: "shown" }),
          Plot.ruleX(bars, { x: "label", y1: "low", y2: "high", stroke: ink, strokeWidth: 2 }),
          Plot.ruleY([0], { stroke: ink }),
        ],
      });
    }
    return sideways(
      bars,
      width,
      [
        Plot.barX(bars, { y: "label", x: "value", fill, fillOpacity: 0.75, insetTop: 5, insetBottom: 5, title: "shown" }),
        Plot.ruleY(bars, { y: "label", x1: "low", x2: "high", stroke: ink, strokeWidth: 2 }),
        Plot.ruleX([0], { stroke: ink }),
      ],
      { x: { ...share, ticks: width < 300 ? 2 : width < 400 ? 3 : 6 } },
    );
  };

  // {bars: [{label, entered, onward}], axis}
  charts.stages = ({ bars, axis }, width, colour) =>
    sideways(
      bars,
      width,
      [
        Plot.barX(bars, { y: "label", x: "entered", fill: colour("--accent"), fillOpacity: 0.3, insetTop: 5, insetBottom: 5 }),
        Plot.barX(bars, { y: "label", x: "onward", fill: colour("--accent"), insetTop: 5, insetBottom: 5 }),
        Plot.text(bars, {
          y: "label", x: "entered", text: (bar) => String(bar.entered), dx: 6, textAnchor: "start",
          fill: colour("--ink"),
        }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
      { x: { label: axis, grid: true, ticks: 5 }, marginRight: 48 },
    );

  // {points: [{label, at, value, series?}], axis, percent?, open?}: `open`, the last is not over.
  charts.line = ({ points, axis, percent: shares, open }, width, colour) => {
    const names = [...new Set(points.map((point) => point.series))];
    const colours = ["--bad", "--warn", "--accent", "--good", "--quiet", "--ink"].map(colour);
    const drawn = points.map((point) => ({
      ...point, on: new Date(point.at), stroke: colours[names.length > 1 ? names.indexOf(point.series) % 6 : 2],
    }));
    const last = names.map((name) => drawn.filter((point) => point.series === name).at(-1));
    const whole = open ? drawn.slice(0, -1) : drawn;
    const named = names.length > 1;
    const ticks = shares ? 5 : Math.max(1, Math.min(5, Math.max(...points.map((point) => point.value)))); // whole numbers
    return Plot.plot({
      className: "chart",
      width,
      height: 300,
      marginLeft: 48,
      marginRight: named ? 24 + SIGNS * Math.max(...names.map((name) => name.length)) : 24,
      marginBottom: 36,
      x: { label: null, type: "time", ticks: width < 500 ? 4 : 8 },
      y: { label: axis, grid: true, zero: true, nice: true, ticks, tickFormat: shares ? percent : undefined },
      marks: [
        Plot.ruleY([0], { stroke: colour("--ink") }),
        Plot.line(whole, { x: "on", y: "value", z: "series", stroke: "stroke", strokeWidth: 2 }),
        Plot.dot(drawn, {
          x: "on", y: "value", stroke: "stroke", fill: (point) => (whole.includes(point) ? point.stroke : "none"),
          r: 3, title: (point) => `${point.label}: ${shares ? percent(point.value) : point.value}`,
        }),
        named
          ? Plot.text(last, {
              x: "on", y: "value", text: "series", fill: "stroke", dx: 8, textAnchor: "start", fontWeight: 600,
            })
          : null,
      ],
    });
  };

  // {boxes: [{label, first, median, third, count}], axis}
  charts.boxes = ({ boxes, axis }, width, colour) =>
    sideways(
      boxes,
      width,
      [
        Plot.barX(boxes, { y: "label", x1: "first", x2: "third", fill: colour("--accent"), fillOpacity: 0.4, insetTop: 6, insetBottom: 6 }),
        Plot.tickX(boxes, { y: "label", x: "median", stroke: colour("--ink"), strokeWidth: 3, insetTop: 4, insetBottom: 4 }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
      { x: { label: axis, grid: true, zero: true, ticks: 5 } },
    );

  // {bars: [{label, value, shown}], axis}
  charts.amounts = ({ bars, axis }, width, colour) =>
    sideways(
      bars,
      width,
      [
        Plot.barX(bars, { y: "label", x: "value", fill: colour("--accent"), fillOpacity: 0.75, insetTop: 5, insetBottom: 5 }),
        Plot.text(bars, {
          y: "label", x: "value", text: "shown", dx: 6, textAnchor: "start", fill: colour("--ink"),
        }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
      { x: { label: axis, grid: true, zero: true, ticks: width < 400 ? 2 : 5 }, marginRight: 72 },
    );

  // {dots: [{label, expected, value, low, high}], x, y}
  charts.calibration = ({ dots, x, y }, width, colour) => {
    const top = Math.max(...dots.flatMap((dot) => [dot.expected, dot.high]), 0.01);
    const ends = [{ at: 0 }, { at: top }];
    return Plot.plot({
      className: "chart",
      width: Math.min(width, 520),
      height: Math.min(width, 520) * 0.8,
      marginLeft: 52,
      marginBottom: 44,
      x: { label: x, domain: [0, top], tickFormat: percent, ticks: 5, grid: true },
      y: { label: y, domain: [0, top], tickFormat: percent, ticks: 5, grid: true },
      marks: [
        Plot.line(ends, { x: "at", y: "at", stroke: colour("--quiet"), strokeDasharray: "4 4" }),
        Plot.ruleX(dots, { x: "expected", y1: "low", y2: "high", stroke: colour("--accent"), strokeWidth: 2 }),
        Plot.dot(dots, {
          x: "expected", y: "value", r: 5, fill: colour("--accent"), stroke: colour("--sheet"), title: "label",
        }),
      ],
    });
  };

  // {dots: [{label, value, low, high, shown}], axis}: on a scale where twice is as far as half.
  charts.ratios = ({ dots, axis }, width, colour) => {
    const ends = dots.flatMap((dot) => [dot.value, dot.low ?? dot.value, dot.high ?? dot.value]);
    const low = Math.max(Math.min(...ends, 0.5), 0.05);
    const high = Math.min(Math.max(...ends, 2), 50);
    const held = (value) => Math.min(Math.max(value, low), high);
    const sure = dots.filter((dot) => dot.low != null);
    return sideways(
      dots,
      width,
      [
        Plot.ruleX([1], { stroke: colour("--ink") }),
        Plot.ruleY(sure, {
          y: "label", x1: (dot) => held(dot.low), x2: (dot) => held(dot.high), stroke: colour("--accent"),
          strokeWidth: 2,
        }),
        Plot.dot(dots, { y: "label", x: (dot) => held(dot.value), r: 5, fill: colour("--accent"), title: "shown" }),
      ],
      {
        height: 56 + 26 * dots.length,
        x: { type: "log", label: axis, domain: [low, high], grid: true, ticks: 5, tickFormat: (n) => `${+n.toPrecision(2)}×` },
      },
    );
  };
})();

// The charts of reports, each made of plain data: labels are words already, shares run from 0 to 1.
"use strict";

window.leadwiseCharts = window.leadwiseCharts || {};

(() => {
  const SIGNS = 7.5; // pixels that a sign of a label takes
  const [HEIGHT, TOP, BOTTOM, LINE] = [300, 24, 36, 14]; // of a chart of lines, in pixels
  const language = document.documentElement.lang || "en";
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const counted = (value) => number.format(value);

  // How shares up to `top` are written along an axis: no two strokes alike.
  function percents(top) {
    const maximumFractionDigits = top > 0.05 ? 0 : top > 0.005 ? 1 : 2;
    const written = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits });
    return (share) => written.format(share);
  }
  const short = (label, most) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);

  // Room at the left for the longest label, never more than two fifths of the width.
  function room(labels, width) {
    const most = Math.max(3, Math.floor((width * 0.4) / SIGNS));
    const longest = Math.max(...labels.map((label) => Math.min(label.length, most)), 3);
    return { left: Math.ceil(longest * SIGNS) + 16, most };
  }

  // A row for each: by their number, for two may have one name. `marks` are made of the rows.
  const rowed = (data) => data.map((each, row) => ({ ...each, row }));

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
      y: { type: "band", label: null, domain: [...labels.keys()], tickFormat: (row) => short(labels[row], most), tickSize: 0 },
      marks: marks(rowed(data)),
      ...more,
    });
  }

  // How many strokes an axis of whole numbers has.
  const whole = (values) => Math.max(1, Math.min(5, Math.max(...values)));

  // Names at the ends of lines, so far apart that each can be read: `height` is where one stands.
  function beside(ends, top) {
    const least = (LINE / (HEIGHT - TOP - BOTTOM)) * top;
    let free = 0;
    return ends
      .toSorted((one, other) => one.value - other.value)
      .map((end) => {
        const height = Math.max(end.value, free);
        free = height + least;
        return { ...end, height };
      });
  }

  const charts = window.leadwiseCharts;

  // {bars: [{label, value, low, high, shown}], axis, upright?}
  charts.rates = ({ bars, axis, upright }, width, colour) => {
    const top = Math.max(...bars.map((bar) => bar.high), 0.01);
    const share = { label: axis, domain: [0, top], tickFormat: percents(top), grid: true, ticks: 5 };
    const fill = colour("--accent");
    const ink = colour("--ink");
    if (upright && bars.length > 2 && width >= 70 * bars.length) {
      return Plot.plot({
        className: "chart",
        width,
        height: 280,
        marginLeft: 48,
        marginBottom: 40,
        x: { type: "band", label: null, domain: [...bars.keys()], tickFormat: (row) => bars[row].label, tickSize: 0 },
        y: share,
        marks: [
          Plot.barY(rowed(bars), { x: "row", y: "value", fill, fillOpacity: 0.75, insetLeft: 6, insetRight: 6, title: "shown" }),
          Plot.ruleX(rowed(bars), { x: "row", y1: "low", y2: "high", stroke: ink, strokeWidth: 2 }),
          Plot.ruleY([0], { stroke: ink }),
        ],
      });
    }
    return sideways(
      bars,
      width,
      (rows) => [
        Plot.barX(rows, { y: "row", x: "value", fill, fillOpacity: 0.75, insetTop: 5, insetBottom: 5, title: "shown" }),
        Plot.ruleY(rows, { y: "row", x1: "low", x2: "high", stroke: ink, strokeWidth: 2 }),
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
      (rows) => [
        Plot.barX(rows, { y: "row", x: "entered", fill: colour("--accent"), fillOpacity: 0.3, insetTop: 5, insetBottom: 5 }),
        Plot.barX(rows, { y: "row", x: "onward", fill: colour("--accent"), insetTop: 5, insetBottom: 5 }),
        Plot.text(rows, {
          y: "row", x: "entered", text: (bar) => counted(bar.entered), dx: 6, textAnchor: "start",
          fill: colour("--ink"),
        }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
      { x: { label: axis, grid: true, ticks: whole(bars.map((bar) => bar.entered)), tickFormat: counted }, marginRight: 48 },
    );

  // {points: [{label, at, value, series?}], axis, percent?, open?}: `open`, the last is not over.
  charts.line = ({ points, axis, percent: shares, open }, width, colour) => {
    const names = [...new Set(points.map((point) => point.series))];
    const colours = ["--bad", "--warn", "--accent", "--good", "--quiet", "--ink"].map(colour);
    const drawn = points.map((point) => ({
      ...point, on: new Date(point.at), stroke: colours[names.length > 1 ? names.indexOf(point.series) % 6 : 2],
    }));
    const finished = open ? drawn.slice(0, -1) : drawn;
    const named = names.length > 1;
    const top = Math.max(...points.map((point) => point.value), shares ? 0.01 : 1) * 1.05;
    const written = shares ? percents(top) : counted;
    const most = Math.max(3, Math.floor((width * 0.3) / SIGNS));
    const days = new Map(points.map((point) => [point.at, point.label]));
    const apart = Math.ceil((days.size * 90) / width); // each of the labels takes 90 pixels at most
    return Plot.plot({
      className: "chart",
      width,
      height: HEIGHT,
      marginLeft: 48,
      marginTop: TOP,
      marginRight: named ? 24 + SIGNS * Math.min(most, Math.max(...names.map((name) => name.length))) : 40,
      marginBottom: BOTTOM,
      x: {
        label: null,
        type: "utc",
        ticks: [...days.keys()].reverse().filter((_, place) => place % apart === 0).map((at) => new Date(at)),
        tickFormat: (on) => days.get(+on),
      },
      y: {
        label: axis, grid: true, domain: [0, top], tickFormat: written,
        ticks: shares ? 5 : whole(points.map((point) => point.value)),
      },
      marks: [
        Plot.ruleY([0], { stroke: colour("--ink") }),
        Plot.line(finished, { x: "on", y: "value", z: "series", stroke: "stroke", strokeWidth: 2 }),
        Plot.dot(drawn, {
          x: "on", y: "value", stroke: "stroke", fill: (point) => (finished.includes(point) ? point.stroke : "none"),
          r: 3, title: (point) => `${point.label}: ${written(point.value)}`,
        }),
        named
          ? Plot.text(beside(names.map((name) => drawn.findLast((point) => point.series === name)), top), {
              x: "on", y: "height", text: (point) => short(point.series, most), fill: "stroke", dx: 8,
              textAnchor: "start", fontWeight: 600,
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
      (rows) => [
        Plot.barX(rows, { y: "row", x1: "first", x2: "third", fill: colour("--accent"), fillOpacity: 0.4, insetTop: 6, insetBottom: 6 }),
        Plot.tickX(rows, { y: "row", x: "median", stroke: colour("--ink"), strokeWidth: 3, insetTop: 4, insetBottom: 4 }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
      { x: { label: axis, grid: true, zero: true, ticks: 5, tickFormat: counted } },
    );

  // {bars: [{label, value, shown}], axis}
  charts.amounts = ({ bars, axis }, width, colour) =>
    sideways(
      bars,
      width,
      (rows) => [
        Plot.barX(rows, { y: "row", x: "value", fill: colour("--accent"), fillOpacity: 0.75, insetTop: 5, insetBottom: 5 }),
        Plot.text(rows, {
          y: "row", x: "value", text: "shown", dx: 6, textAnchor: "start", fill: colour("--ink"),
        }),
        Plot.ruleX([0], { stroke: colour("--ink") }),
      ],
      { x: { label: axis, grid: true, zero: true, ticks: width < 400 ? 2 : 5, tickFormat: counted }, marginRight: 72 },
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
      x: { label: x, domain: [0, top], tickFormat: percents(top), ticks: 5, grid: true },
      y: { label: y, domain: [0, top], tickFormat: percents(top), ticks: 5, grid: true },
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
    return sideways(
      dots,
      width,
      (rows) => [
        Plot.ruleX([1], { stroke: colour("--ink") }),
        Plot.ruleY(rows.filter((dot) => dot.low != null), {
          y: "row", x1: (dot) => held(dot.low), x2: (dot) => held(dot.high), stroke: colour("--accent"),
          strokeWidth: 2,
        }),
        Plot.dot(rows, { y: "row", x: (dot) => held(dot.value), r: 5, fill: colour("--accent"), title: "shown" }),
      ],
      {
        height: 56 + 26 * dots.length,
        x: { type: "log", label: axis, domain: [low, high], grid: true, ticks: 5, tickFormat: (n) => `${counted(n)}×` },
      },
    );
  };
})();

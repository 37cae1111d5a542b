// The charts of a trial: bands before and after, hot leads a day, past outcomes. What the live card
// says is quiet and dashed or hollow, what the card tried says is in the accent: no colour alone.
"use strict";

(() => {
  const charts = (window.leadwiseCharts = window.leadwiseCharts || {});
  const FEW = 480; // below this width labels are shortened

  function look(side, colour) {
    return side === "after"
      ? { fill: colour("--accent"), stroke: colour("--accent"), dash: null }
      : { fill: colour("--sheet"), stroke: colour("--quiet"), dash: "5 4" };
  }

  // Plot names the groups inside a picture, which only the picture as a whole may have.
  function plain(chart) {
    for (const part of chart.querySelectorAll("g[aria-label], g[aria-description]")) {
      part.removeAttribute("aria-label");
      part.removeAttribute("aria-description");
    }
    return chart;
  }

  charts.trialBands = (data, width, colour) => {
    const cards = [...new Set(data.rows.map((row) => row.card))];
    return plain(Plot.plot({
      className: "chart",
      width,
      height: 40 + data.bands.length * (30 + cards.length * 26),
      marginLeft: 72,
      marginRight: 60,
      marginTop: 24,
      x: { label: data.leads, grid: true, nice: true, ticks: width < FEW ? 3 : 6 },
      y: { domain: cards, tickSize: 0, label: null },
      fy: { axis: null, domain: data.bands, paddingInner: 0.42, paddingOuter: 0 },
      marks: [
        Plot.barX(data.rows, {
          fy: "band",
          y: "card",
          x: "leads",
          insetTop: 2,
          insetBottom: 2,
          fill: (row) => look(row.side, colour).fill,
          stroke: (row) => look(row.side, colour).stroke,
          strokeWidth: 1.5,
        }),
        Plot.text(data.rows, {
          fy: "band",
          y: "card",
          x: "leads",
          text: (row) => row.leads.toLocaleString(document.documentElement.lang),
          textAnchor: "start",
          dx: 6,
          fill: colour("--ink"),
        }),
        Plot.text(data.bands, {
          fy: (band) => band,
          text: (band) => band,
          frameAnchor: "top-left",
          lineAnchor: "bottom",
          dy: -4,
          fontWeight: 600,
          fontSize: 13,
          fill: colour("--ink"),
        }),
        Plot.ruleX([0], { stroke: colour("--quiet") }),
      ],
    }));
  };

  function lastMean(line) {
    return d3.mean(line.points.slice(-7), (point) => point.leads);
  }

  // The height of a curve of [x, y] at x.
  function heightAt(points, x) {
    const after = Math.max(1, points.findIndex((point) => point[0] >= x));
    const [[left, low], [right, high]] = [points[after - 1], points[after]];
    return right === left ? high : low + ((high - low) * (x - left)) / (right - left);
  }

  charts.trialDays = (data, width, colour) => {
    const most = Math.max(data.capacity, ...data.lines.flatMap((line) => line.points.map((point) => point.leads)));
    // A capacity far above all that happens would press the lines flat: it is named instead.
    const highest = Math.max(1, ...data.lines.flatMap((line) => line.points.map((point) => point.leads)));
    const within = data.capacity <= highest * 4;
    const upper = [...data.lines].sort((one, other) => lastMean(other) - lastMean(one))[0];
    return plain(Plot.plot({
      className: "chart",
      width,
      height: 260,
      marginLeft: 44,
      marginRight: width < FEW ? 12 : 84,
      marginTop: 28,
      x: { type: "utc", label: null, ticks: width < FEW ? 3 : 6 },
      y: { label: data.leads, grid: true, domain: [0, (within ? most : highest) * 1.08], nice: true },
      marks: [
        within
          ? Plot.ruleY([data.capacity], { stroke: colour("--warn"), strokeWidth: 2, strokeDasharray: "8 4" })
          : null,
        Plot.text([data.capacity_label + (within ? "" : " ↑")], {
          frameAnchor: within ? null : "top-left",
          x: within ? new Date(data.lines[0]?.points[0]?.day) : undefined,
          y: within ? () => data.capacity : undefined,
          textAnchor: "start",
          lineAnchor: within ? "bottom" : "top",
          dy: within ? -5 : 0,
          fill: colour("--warn"),
          stroke: colour("--sheet"),
          strokeWidth: 4,
        }),
        ...data.lines.flatMap((line) => {
          const own = look(line.side, colour);
          const points = line.points.map((point) => ({ day: new Date(point.day), leads: point.leads }));
          const mean = { k: 7, anchor: "end", strict: false };
          return [
            Plot.lineY(points, { x: "day", y: "leads", stroke: own.stroke, strokeWidth: 1, strokeOpacity: 0.3 }),
            Plot.lineY(
              points,
              Plot.windowY(mean, {
                x: "day",
                y: "leads",
                stroke: own.stroke,
                strokeWidth: line.side === "after" ? 3 : 2.25,
                strokeDasharray: own.dash,
              }),
            ),
            Plot.text(points.slice(-1), {
              x: "day",
              y: () => lastMean(line),
              text: () => line.name,
              textAnchor: width < FEW ? "end" : "start",
              dx: width < FEW ? 0 : 6,
              dy: line === upper ? -9 : 9,
              fill: own.stroke,
              stroke: colour("--sheet"),
              strokeWidth: 4,
              fontWeight: 600,
            }),
          ];
        }),
        Plot.ruleY([0], { stroke: colour("--quiet") }),
      ].filter(Boolean),
    }));
  };

  charts.trialGains = (data, width, colour) => {
    const size = Math.min(width, 460);
    // Names stand where the curves are farthest apart.
    const ends = [data.curves[0].points, data.curves[data.curves.length - 1].points];
    const gap = (x) => Math.abs(heightAt(ends[0], x) - heightAt(ends[1], x));
    const apart = d3.greatest(d3.range(0.3, 0.8, 0.05), gap);
    const upper = d3.greatest(data.curves, (curve) => heightAt(curve.points, apart));
    const percent = { percent: true, nice: false, domain: [0, 100], grid: true, ticks: 5 };
    return plain(Plot.plot({
      className: "chart",
      width: size,
      height: Math.max(260, size * 0.75),
      marginLeft: 48,
      marginTop: 26,
      marginBottom: 40,
      x: { ...percent, label: data.x + " (%) →" },
      y: { ...percent, label: "↑ " + data.y + " (%)" },
      marks: [
        Plot.line([[0, 0], [1, 1]], { stroke: colour("--line"), strokeWidth: 2 }),
        Plot.text([[0.84, 0.84]], {
          text: () => data.chance,
          textAnchor: "start",
          dx: 4,
          dy: 14,
          fill: colour("--quiet"),
          stroke: colour("--sheet"),
          strokeWidth: 4,
        }),
        data.capacity !== null
          ? Plot.ruleX([data.capacity], { stroke: colour("--warn"), strokeWidth: 2, strokeDasharray: "8 4" })
          : null,
        data.capacity !== null
          ? Plot.text([[data.capacity, 0.06]], {
              text: () => data.capacity_label,
              textAnchor: data.capacity > 0.6 ? "end" : "start",
              dx: data.capacity > 0.6 ? -6 : 6,
              fill: colour("--warn"),
              stroke: colour("--sheet"),
              strokeWidth: 4,
            })
          : null,
        ...data.curves.flatMap((curve) => {
          const own = look(curve.side, colour);
          return [
            Plot.line(curve.points, {
              stroke: own.stroke,
              strokeWidth: curve.side === "after" ? 2.5 : 1.75,
              strokeDasharray: own.dash,
            }),
            Plot.text([[apart, heightAt(curve.points, apart)]], {
              text: () => curve.name,
              textAnchor: curve === upper ? "end" : "start",
              dx: curve === upper ? -8 : 8,
              dy: curve === upper ? -9 : 12,
              fill: own.stroke,
              stroke: colour("--sheet"),
              strokeWidth: 4,
              fontWeight: 600,
            }),
          ];
        }),
      ].filter(Boolean),
    }));
  };
})();

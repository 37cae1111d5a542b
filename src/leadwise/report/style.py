"""The style sheet of the pages: one accent colour, light and dark, readable when printed."""

STYLE = """
:root { color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1c2326; --soft: #5d686d; --edge: #e4e6e3;
  --grid: #ecedea; --muted: #c3c9c8; --accent: #0d7a6b; --tint: rgba(13, 122, 107, .10); }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14181a; --card: #1b2124; --ink: #e8ecec; --soft: #9aa6aa; --edge: #2b3437;
  --grid: #262e31; --muted: #566267; --accent: #46c4ae; --tint: rgba(70, 196, 174, .13); } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 56px 28px 72px; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 10px; font-weight: 650;
  letter-spacing: -.015em; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 6px; font-weight: 620;
  letter-spacing: -.01em; }
p { margin: 0 0 10px; max-width: 68ch; }
.over { color: var(--accent); font-weight: 600; font-size: .85rem; margin: 0 0 8px; }
.lead { color: var(--soft); }
.verdict { font-size: 1.08rem; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin: 32px 0 0;
  background: var(--edge); border: 1px solid var(--edge); border-radius: 12px; overflow: hidden; }
.figures div { background: var(--card); padding: 20px 22px; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { margin: 2px 0 0; font-size: 1.75rem; font-weight: 620; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums; }
.figures dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--soft);
  letter-spacing: 0; }
.notes { margin: 24px 0 0; padding: 14px 20px 14px 38px; border-left: 3px solid var(--accent);
  background: var(--tint); border-radius: 0 8px 8px 0; }
section { margin-top: 64px; }
.beside { display: grid; grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr); gap: 40px;
  align-items: start; margin-top: 22px; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; overflow: visible;
  font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
svg text { fill: var(--soft); } svg text.strong { fill: var(--ink); font-weight: 600; }
svg .accent { fill: var(--accent); stroke: none; } svg .muted { fill: var(--muted); }
svg polyline.line { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linejoin: round; }
svg polyline.other { fill: none; stroke: var(--soft); stroke-width: 1.5; stroke-linejoin: round; }
svg .area { fill: var(--tint); } svg line.grid { stroke: var(--grid); }
svg line.muted { stroke: var(--muted); stroke-width: 1.5; }
svg line.ink { stroke: var(--ink); stroke-width: 1.2; }
svg line.whisker { stroke: var(--accent); stroke-width: 2; stroke-linecap: round; opacity: .55; }
svg line.dashed { stroke-dasharray: 4 4; }
.advice { margin-top: 20px; max-width: 62ch; } .advice b { font-weight: 620; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .86rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 6px; }
th, td { padding: 6px 0 6px 10px; text-align: right; border-bottom: 1px solid var(--edge); }
th { font-weight: 500; color: var(--soft); vertical-align: bottom; line-height: 1.25; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tbody th { color: var(--ink); font-weight: 400; vertical-align: middle; line-height: inherit; }
footer { margin-top: 72px; padding-top: 18px; border-top: 1px solid var(--edge); color: var(--soft);
  font-size: .86rem; }
@media (max-width: 820px) { main { padding-top: 32px; }
  .beside { grid-template-columns: minmax(0, 1fr); }
  .figures { grid-template-columns: repeat(2, 1fr); } }
@media print { body { background: #fff; } section { break-inside: avoid; } }
"""

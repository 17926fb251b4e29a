/** How the report looks: by the reader's own choice light or dark. */
export const STYLE = `
:root { --ground: #fbfbfa; --card: #fff; --ink: #1c1d20; --soft: #63656b; --rule: #e3e3e1; --good: #17803d; --bad: #c02626;
  --series-1: #2463c9; --series-2: #b8620a; --share-1: #86a9e6; --share-2: #3f74d1; --share-3: #173f8a; }
@media (prefers-color-scheme: dark) { :root { --ground: #16171a; --card: #1e2024; --ink: #ececee; --soft: #a0a3aa; --rule: #34363c;
  --good: #4cc77a; --bad: #ff7b72; --series-1: #6ea4ff; --series-2: #f0a050; --share-1: #5a7cbd; --share-2: #6ea4ff; --share-3: #c3d8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header, main, footer { max-width: 1200px; margin: 0 auto; padding: 0 24px; }
header { display: flex; gap: 20px; align-items: center; padding-top: 32px; }
header p { margin: 2px 0; } h1 { font-size: 26px; line-height: 1.2; margin: 0; }
.mark { font-size: 30px; width: 60px; height: 60px; flex: none; display: grid; place-items: center; border-radius: 50%; color: var(--card); }
.passed .mark { background: var(--good); } .failed .mark { background: var(--bad); }
.about, .notes, footer, small { color: var(--soft); } small { font-weight: 400; margin-left: 8px; font-size: 12px; }
h2 { font-size: 16px; margin: 32px 0 12px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 12px; }
.tile, figure { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.tile { padding: 12px 14px; display: flex; flex-direction: column; border-left: 4px solid var(--good); overflow-wrap: anywhere; }
.tile.failed { border-left-color: var(--bad); }
.tile b { font-weight: 500; color: var(--soft); font-size: 13px; } .tile strong { font-size: 24px; line-height: 1.3; }
.tile.passed span { color: var(--good); } .tile.failed span { color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 16px; }
figure { margin: 0; padding: 12px 12px 6px; } figcaption { font-weight: 600; margin-bottom: 4px; }
svg { width: 100%; height: auto; display: block; font: 11px system-ui, sans-serif; }
.notes { border-left: 4px solid var(--series-2); padding-left: 12px; margin: 24px 0 0; }
.grid { stroke: var(--rule); } .tick { fill: var(--soft); } .name { font-weight: 600; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.bound { stroke: var(--bad); stroke-dasharray: 4 4; } .bound-label { fill: var(--bad); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.hit { fill: transparent; } .hit:hover { fill: var(--ink); fill-opacity: 0.07; }
details { margin: 16px 0; } summary { cursor: pointer; font-weight: 600; }
table { border-collapse: collapse; font-size: 13px; margin-top: 8px; } th { text-align: left; font-weight: 500; padding-right: 24px; white-space: nowrap; vertical-align: top; }
th, td { border-bottom: 1px solid var(--rule); padding-top: 3px; padding-bottom: 3px; }
footer { padding-top: 8px; padding-bottom: 40px; font-size: 13px; }
`;

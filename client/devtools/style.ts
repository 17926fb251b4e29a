/** How the panel looks: in the colours of the page's own scheme, whatever styles the page has. */
export const STYLE = `
:host {
  all: initial;
  color-scheme: inherit;
  --paper: light-dark(#ffffff, #1d2127);
  --raised: light-dark(#f4f5f7, #272c34);
  --ink: light-dark(#1b1f24, #e9edf2);
  --soft: light-dark(#5b6470, #a3adb9);
  --line: light-dark(#dfe3e8, #363d47);
  --blue: light-dark(#1d5fd0, #7db1ff);
  --good: light-dark(#1a7f46, #55cf8c);
  --busy: light-dark(#9a5b00, #f2b64c);
  --bad: light-dark(#b8271d, #ff8b80);
  position: fixed;
  z-index: 2147483647;
  left: calc(12px + env(safe-area-inset-left));
  bottom: calc(12px + env(safe-area-inset-bottom));
  font: 12px/1.45 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--ink);
}
@media print { :host { display: none; } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input, textarea { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }

.pill {
  display: flex; align-items: center; gap: 7px;
  height: 30px; padding: 0 12px 0 10px;
  border: 1px solid var(--line); border-radius: 15px;
  background: var(--paper); cursor: pointer;
  font-variant-numeric: tabular-nums;
  box-shadow: 0 1px 2px rgb(0 0 0 / 0.1), 0 4px 14px rgb(0 0 0 / 0.12);
}
.pill:hover { background: var(--raised); }
.dot { width: 8px; height: 8px; border-radius: 50%; background: var(--bad); }
[data-state="saved"] .dot { background: var(--good); }
[data-state="saving"] .dot { background: var(--busy); }

.panel {
  display: flex; flex-direction: column;
  width: 344px; max-height: min(720px, 100vh - 24px);
  overflow: hidden;
  border: 1px solid var(--line); border-radius: 12px;
  background: var(--paper);
  box-shadow: 0 2px 6px rgb(0 0 0 / 0.12), 0 16px 48px rgb(0 0 0 / 0.24);
}
header {
  display: flex; align-items: center; gap: 8px;
  padding: 8px 6px 8px 14px; border-bottom: 1px solid var(--line);
}
header b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
header .dot { flex: none; }
.close {
  margin-left: auto; width: 30px; height: 30px; flex: none;
  border: 0; border-radius: 7px; background: none; color: var(--soft); cursor: pointer; font-size: 16px; line-height: 1;
}
.close:hover { background: var(--raised); color: var(--ink); }
.body { overflow-y: auto; overscroll-behavior: contain; padding: 12px 14px 14px; }
h2 { margin: 16px 0 6px; font-size: 11px; font-weight: 600; color: var(--soft); }
ul, ol, dl, dd { margin: 0; padding: 0; list-style: none; }

.facts { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; }
.facts > div { padding: 6px 9px 7px; border-radius: 8px; background: var(--raised); min-width: 0; }
dt { color: var(--soft); font-size: 11px; }
dd { font-weight: 600; font-variant-numeric: tabular-nums; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

.traffic { display: grid; grid-template-columns: 68px 1fr 128px; align-items: center; gap: 8px; padding: 2px 0; }
.way { color: var(--soft); }
.rate { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { display: block; width: 100%; height: 26px; border-bottom: 1px solid var(--line); }
.line { fill: none; stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.area { opacity: 0.15; }
.received .line { stroke: var(--blue); }
.received .area { fill: var(--blue); }
.sent .line { stroke: var(--good); }
.sent .area { fill: var(--good); }

.people { display: flex; flex-wrap: wrap; gap: 4px; }
.people li {
  max-width: 100%; padding: 2px 8px 2px 6px; border-radius: 10px; background: var(--raised);
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.people b { font-weight: 600; color: var(--soft); font-variant-numeric: tabular-nums; }

label { display: grid; grid-template-columns: 52px 1fr 58px; align-items: center; gap: 8px; min-height: 26px; }
label span { color: var(--soft); }
output { text-align: right; font-variant-numeric: tabular-nums; }
input[type="range"] { width: 100%; margin: 0; accent-color: var(--blue); cursor: pointer; }
input[type="checkbox"] {
  appearance: none; position: relative; width: 32px; height: 18px; margin: 0;
  border-radius: 9px; background: light-dark(#8b95a1, #59636f); cursor: pointer;
}
input[type="checkbox"]::after {
  content: ""; position: absolute; top: 2px; left: 2px; width: 14px; height: 14px;
  border-radius: 50%; background: #fff; transition: translate 120ms;
}
input[type="checkbox"]:checked { background: var(--bad); }
input[type="checkbox"]:checked::after { translate: 14px; }
@media (prefers-reduced-motion: reduce) { input[type="checkbox"]::after { transition: none; } }

.timeline {
  height: 132px; overflow-y: auto; overscroll-behavior: contain;
  padding: 6px 9px; border-radius: 8px; background: var(--raised);
  font: 11px/1.55 ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace;
}
.timeline li { display: grid; grid-template-columns: auto 1fr; gap: 8px; overflow-wrap: anywhere; }
.timeline time { color: var(--soft); }
.report { display: flex; align-items: center; gap: 10px; margin-top: 8px; }
.copy {
  height: 30px; padding: 0 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); cursor: pointer; font-weight: 600;
}
.copy:hover { background: var(--raised); }
.said { color: var(--soft); }
textarea {
  width: 100%; margin-top: 8px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); padding: 6px 9px;
  font: 11px/1.5 ui-monospace, Menlo, Consolas, monospace; resize: vertical;
}

@media (max-width: 480px) {
  :host([data-open]) { left: 0; right: 0; bottom: 0; }
  .panel { width: 100%; max-height: 72vh; border-radius: 14px 14px 0 0; border-width: 1px 0 0; padding-bottom: env(safe-area-inset-bottom); }
  .close { width: 40px; height: 40px; }
  label { min-height: 36px; }
}
`;

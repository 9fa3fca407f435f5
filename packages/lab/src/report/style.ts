/** The report's look, by day and by night, on a narrow screen and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1c1c; --soft: #5c5c5c; --line: #d9d9d9; --page: #ffffff; --tint: #f4f4f2; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #a6a6a6; --line: #3c3c3c; --page: #17181a; --tint: #222427; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
p, ul { max-width: 46rem; }
.lead { font-size: 1.1rem; }
.missed { border-left: 4px solid var(--bad); padding-left: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; margin: .75rem 0; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td:first-child:not(.number) { min-width: 11rem; }
.number { text-align: right; white-space: nowrap; }
figure { margin: 1.25rem 0; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
svg { width: 100%; max-width: 46rem; height: auto; background: var(--tint); border-radius: 6px; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
svg text.row { font-weight: 600; fill: var(--ink); }
svg text.mark { fill: var(--ink); }
.grid { stroke: var(--line); stroke-width: 1; }
.mark path, path.mark { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; color: var(--soft); }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .4rem; vertical-align: -1px; }
code { font-size: .85em; overflow-wrap: anywhere; }
@media print { body { max-width: none; } }
`;

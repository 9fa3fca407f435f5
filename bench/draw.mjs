// node bench/draw.mjs: draws the ratios in results/ with their intervals, and below each that of something against itself, as docs/watching.svg.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const GROUPS = [
  ["Watched over unwatched: decoding", 0.92, 1.45],
  ["overhead", "default pack, 1 stream"],
  ["throughput", "default pack, 8 streams"],
  ["watching-rows-1", "182 rows, 1 stream"],
  ["watching-rows-8", "182 rows, 8 streams"],
  ["watching-streams-4", "16 rows, 4 streams"],
  ["watching-streams-16", "16 rows, 16 streams"],
  ["watching-taps-8", "8 taps"],
  ["watching-taps-29", "29 taps"],
  ["watching-sae-1", "4 × 4,096 features, 1 stream"],
  ["watching-sae-8", "4 × 4,096 features, 8 streams"],
  ["watching-sae-8b-8", "8B shape, 4 × 32,768 features, 8 streams"],
  ["Watched over unwatched: reading a prompt", 0.92, 1.45],
  ["watching-prefill-pack", "default pack's size"],
  ["Our loop's speed over llama.cpp's own, nothing watched", 0.92, 1.08],
  ["plain-decode", "1 stream"],
  ["plain-decode-8", "8 streams"],
];
const [WIDTH, LEFT, RIGHT, LINE, TITLE, AXIS] = [800, 330, 170, 26, 34, 34];

const parts = [];
let top = 10;
let scale;
const x = (value) => {
  const share = (value - scale.min) / (scale.max - scale.min);
  return (LEFT + share * (WIDTH - LEFT - RIGHT)).toFixed(1);
};
const text = (left, at, words, more = "") => `<text x="${left}" y="${at}" ${more}>${words}</text>`;
const bar = (low, high, at, style) => `<line x1="${x(low)}" x2="${x(high)}" y1="${at}" y2="${at}" ${style}/>`;

for (const [i, [name, ...rest]] of GROUPS.entries()) {
  if (rest.length === 2) {
    const [min, max] = rest;
    scale = { min, max, from: top + TITLE, at: parts.length };
    parts.push(text(14, top + 22, name, 'font-weight="600"'));
    top += TITLE;
  } else parts.push(...measured(JSON.parse(readFileSync(join(FOLDER, "results", `${name}.json`), "utf8")), rest[0]));
  if (GROUPS[i + 1] === undefined || GROUPS[i + 1].length === 3) parts.splice(scale.at, 0, ...axis());
}

function measured({ ratio, low, high, aa_low, aa_high, resolved, blocks }, label) {
  const at = top + 9;
  top += LINE;
  const figures = `${ratio.toFixed(3)} (${low.toFixed(3)} – ${high.toFixed(3)})`;
  return [
    text(LEFT - 12, at + 5, `${label}<tspan fill="#777" dx="4">· ${blocks}</tspan>`, 'text-anchor="end"'),
    bar(low, high, at, 'stroke="#0072b2" stroke-width="3"'),
    `<circle cx="${x(ratio)}" cy="${at}" r="4.5" fill="${resolved ? "#0072b2" : "#fff"}" stroke="#0072b2" stroke-width="2"/>`,
    bar(aa_low, aa_high, at + 8, 'stroke="#999" stroke-width="2"'),
    text(WIDTH - RIGHT + 14, at + 5, figures, 'font-size="12"'),
  ];
}

function axis() {
  const step = scale.max - scale.min > 0.3 ? 0.1 : 0.02;
  const ticks = [];
  for (let at = Math.ceil(scale.min / step) * step; at <= scale.max + 1e-9; at += step) ticks.push(at);
  const lines = ticks.flatMap((tick) => [
    `<line x1="${x(tick)}" x2="${x(tick)}" y1="${scale.from}" y2="${top}" stroke="${Math.abs(tick - 1) < 1e-9 ? "#444" : "#ddd"}"/>`,
    text(x(tick), top + 16, tick.toFixed(2), 'text-anchor="middle" font-size="11" fill="#555"'),
  ]);
  top += AXIS;
  return lines;
}

const legend =
  "Medians with 95 % intervals; hollow: unresolved. Grey: one side against itself in the same blocks. After the dot: blocks.";
writeFileSync(
  join(FOLDER, "../docs/watching.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top + 20}" font-family="sans-serif" font-size="13" role="img" aria-label="What watching costs, as ratios">
<rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
${text(14, top + 8, legend, 'font-size="11" fill="#555"')}
</svg>
`,
);

import { escapeHtml } from "./escape-html.ts";

export interface Axis {
  label: string;
  min: number;
  max: number;
  /** Positive ranges only. */
  log?: boolean;
  /** How a tick is written. */
  format?: (value: number) => string;
}

export interface Line {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Keep the height up to the next point, as a curve of counts does. */
  steps?: boolean;
  /** Area around the line: low and high at each point. */
  band?: readonly (readonly [low: number, high: number])[];
}

export interface Mark {
  axis: "x" | "y";
  at: number;
  label: string;
}

/** Sides of a chart and room for its axes, in CSS pixels. */
const SIZE = { width: 640, height: 340, left: 62, right: 18, top: 14, bottom: 46 };
/** Told apart by people who see colours differently too (Okabe and Ito 2008). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666"];

/** How the first lines are drawn, as many more, and as many again: lines of one colour are told apart. */
const STROKES = [
  { dashes: "", border: "solid" },
  { dashes: "8 4", border: "dashed" },
  { dashes: "2 4", border: "dotted" },
] as const;

function strokeOf(index: number): (typeof STROKES)[number] {
  return STROKES[Math.floor(index / COLOURS.length) % STROKES.length] ?? STROKES[0];
}

export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "#666666";
}

/** Where a chart's values stand on the page. */
export class Plane {
  readonly x: Axis;
  readonly y: Axis;

  constructor(x: Axis, y: Axis) {
    this.x = x;
    this.y = y;
  }

  left(value: number): number {
    return round(SIZE.left + share(this.x, value) * (SIZE.width - SIZE.left - SIZE.right));
  }

  top(value: number): number {
    return round(SIZE.height - SIZE.bottom - share(this.y, value) * (SIZE.height - SIZE.top - SIZE.bottom));
  }

  axes(): string {
    const [bottom, right] = [SIZE.height - SIZE.bottom, SIZE.width - SIZE.right];
    const middle = (SIZE.left + right) / 2;
    const grid = [
      ...ticksOf(this.x).map((tick) => {
        const left = this.left(tick);
        return `<path class="grid" d="M${left} ${SIZE.top}V${bottom}"/><text x="${left}" y="${bottom + 16}" text-anchor="middle">${written(this.x, tick)}</text>`;
      }),
      ...ticksOf(this.y).map((tick) => {
        const top = this.top(tick);
        return `<path class="grid" d="M${SIZE.left} ${top}H${right}"/><text x="${SIZE.left - 6}" y="${top + 4}" text-anchor="end">${written(this.y, tick)}</text>`;
      }),
    ];
    const titles = `<text x="${middle}" y="${SIZE.height - 8}" text-anchor="middle">${escapeHtml(this.x.label)}</text><text transform="translate(14 ${(SIZE.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(this.y.label)}</text>`;
    return grid.join("") + titles;
  }

  mark({ axis, at, label }: Mark): string {
    const text = escapeHtml(label);
    if (axis === "x") {
      const left = this.left(at);
      const end = share(this.x, at) > 0.7;
      return `<path class="mark" d="M${left} ${SIZE.top}V${SIZE.height - SIZE.bottom}"/><text class="mark" x="${left + (end ? -5 : 5)}" y="${SIZE.height - SIZE.bottom - 6}" text-anchor="${end ? "end" : "start"}">${text}</text>`;
    }
    const top = this.top(at);
    return `<path class="mark" d="M${SIZE.left} ${top}H${SIZE.width - SIZE.right}"/><text class="mark" x="${SIZE.width - SIZE.right - 4}" y="${top - 5}" text-anchor="end">${text}</text>`;
  }
}

/** An SVG line chart with its legend, nothing where there is nothing to draw; values outside the axes are drawn at their ends. */
export function lineChart(
  title: string,
  x: Axis,
  y: Axis,
  lines: readonly Line[],
  marks: readonly Mark[] = [],
): string {
  if (lines.every(({ points }) => points.length === 0)) return "";
  const plane = new Plane(x, y);
  const drawn = lines.map((line, index) => drawLine(plane, line, colourOf(index), strokeOf(index).dashes));
  const inside = plane.axes() + drawn.join("") + marks.map((mark) => plane.mark(mark)).join("");
  return figure(title, inside, lines.length > 1 ? lines.map(({ name }) => name) : []);
}

/** A figure of the common size: its drawing, and a legend where names are given. */
export function figure(title: string, inside: string, legend: readonly string[]): string {
  const keys = legend.map((name, index) => {
    const { border } = strokeOf(index);
    const colour = colourOf(index);
    const look = border === "solid" ? `background:${colour}` : `border:2px ${border} ${colour}`;
    return `<span><i style="${look}"></i>${escapeHtml(name)}</span>`;
  });
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${escapeHtml(title)}">${inside}</svg><div class="legend">${keys.join("")}</div></figure>`;
}

function drawLine(plane: Plane, { points, steps = false, band }: Line, colour: string, dashes: string): string {
  if (points.length === 0) return "";
  const place = ([x, y]: readonly [number, number]): string => `${plane.left(x)} ${plane.top(y)}`;
  const path = points.map((point, i) =>
    i === 0 ? `M${place(point)}` : steps ? `H${plane.left(point[0])}V${plane.top(point[1])}` : `L${place(point)}`,
  );
  const around =
    band === undefined
      ? ""
      : `<path d="M${points.map(([x], i) => place([x, band[i]?.[1] ?? 0])).join("L")}L${points
          .map(([x], i) => place([x, band[i]?.[0] ?? 0]))
          .reverse()
          .join("L")}Z" fill="${colour}" opacity="0.15"/>`;
  return `${around}<path d="${path.join("")}" fill="none" stroke="${colour}" stroke-width="2"${dashes === "" ? "" : ` stroke-dasharray="${dashes}"`}/>`;
}

function share({ min, max, log = false }: Axis, value: number): number {
  if (max <= min) return 0.5;
  const within = Math.min(max, Math.max(min, value));
  return log ? Math.log(within / min) / Math.log(max / min) : (within - min) / (max - min);
}

/** Round values inside an axis, four to eight of them; powers of ten on a logarithmic one. */
function ticksOf({ min, max, log = false }: Axis): number[] {
  if (max <= min) return [min];
  if (log) {
    const first = Math.ceil(Math.log10(min) - 1e-9);
    const last = Math.floor(Math.log10(max) + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  }
  const rough = (max - min) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const first = Math.ceil(min / step - 1e-9);
  return Array.from({ length: Math.floor(max / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

function written({ format }: Axis, value: number): string {
  return escapeHtml(format === undefined ? String(Number(value.toPrecision(6))) : format(value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

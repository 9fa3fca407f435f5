import { type Axis, colourOf, figure, Plane } from "./chart.ts";
import { escapeHtml } from "./escape-html.ts";

/** Room at each end of the axis, as a share of its span. */
const MARGIN = 0.04;

/** Every response's highest score as a dot, an arm a row, with the threshold: what a false-alarm rate is made of. */
export function maximaChart(
  title: string,
  arms: readonly { arm: string; values: readonly number[] }[],
  threshold: number,
): string {
  const shown = arms.map(({ arm, values }) => ({ arm, all: values, values: values.filter(Number.isFinite) }));
  if (shown.length === 0) return "";
  const range = [threshold, ...shown.flatMap(({ values }) => values)];
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const margin = MARGIN * (high - low || 1);
  const x: Axis = { label: "highest score of a response", min: low - margin, max: high + margin };
  const y: Axis = { label: "", min: 0, max: shown.length, format: () => "" };
  const plane = new Plane(x, y);
  const rows = shown.map(({ arm, all, values }, index) => {
    const middle = shown.length - index - 0.5;
    // spread over the row by a fixed sequence, so that dots of like scores can be counted
    const dots = values.map((value, i) => {
      const off = (((i * 0.618034) % 1) - 0.5) * 0.6;
      return `<circle cx="${plane.left(value)}" cy="${plane.top(middle + off)}" r="1.8"/>`;
    });
    const above = all.filter((value) => value > threshold).length;
    const silent = all.filter((value) => value === Number.NEGATIVE_INFINITY).length;
    const label = `${escapeHtml(arm)}: ${above} of ${all.length} above${silent === 0 ? "" : `, ${silent} without a score`}`;
    return `<g fill="${colourOf(index)}" opacity="0.55">${dots.join("")}</g><text class="row" x="${plane.left(x.min) + 4}" y="${plane.top(middle + 0.38)}">${label}</text>`;
  });
  return figure(title, plane.axes() + rows.join("") + plane.mark({ axis: "x", at: threshold, label: "threshold" }), []);
}

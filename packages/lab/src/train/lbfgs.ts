/** A smooth function and its gradient at a point. */
export type Objective = (point: Float64Array) => { value: number; gradient: Float64Array };

const MAX_ITERATIONS = 300;
/** Norm of the gradient at which it is good enough. */
export const TOLERANCE = 1e-5;
/** Pairs of steps that are remembered. */
const MEMORY = 10;

/** Minimises a convex function by L-BFGS with backtracking (Nocedal and Wright, 2nd ed., algorithms 7.4 and 3.1). */
export function minimise(objective: Objective, start: Float64Array, tolerance = TOLERANCE): Float64Array {
  let point: Float64Array = start;
  let { value, gradient } = objective(point);
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < MAX_ITERATIONS && norm(gradient) > tolerance; iteration++) {
    const direction = twoLoop(gradient, steps);
    const slope = dot(direction, gradient);
    let rate = iteration === 0 ? Math.min(1, 1 / norm(gradient)) : 1;
    let next = moved(point, direction, rate);
    let result = objective(next);
    while (result.value > value + 1e-4 * rate * slope && rate > 1e-10) {
      rate /= 2;
      next = moved(point, direction, rate);
      result = objective(next);
    }
    const s = difference(next, point);
    const y = difference(result.gradient, gradient);
    const sy = dot(s, y);
    if (sy > 1e-12) {
      steps.push({ s, y, rho: 1 / sy });
      if (steps.length > MEMORY) steps.shift();
    }
    const gained = value - result.value;
    point = next;
    ({ value, gradient } = result);
    if (gained < 1e-10) break;
  }
  return point;
}

/** The search direction: minus the inverse Hessian, as the remembered steps tell it, times the gradient. */
function twoLoop(
  gradient: Float64Array,
  steps: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((value) => -value);
  const alphas: number[] = [];
  for (const { s, y, rho } of [...steps].reverse()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    addScaled(q, y, -alpha);
  }
  const last = steps.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] = (q[i] ?? 0) * scale;
  }
  for (const { s, y, rho } of steps) addScaled(q, s, (alphas.pop() ?? 0) - rho * dot(y, q));
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function addScaled(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] ?? 0) + factor * (b[i] ?? 0);
}

function moved(a: Float64Array, b: Float64Array, factor: number): Float64Array {
  const result = a.slice();
  addScaled(result, b, factor);
  return result;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  const result = a.slice();
  addScaled(result, b, -1);
  return result;
}

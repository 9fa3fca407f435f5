/** Examples as rows of a dense matrix. */
export interface Examples {
  /** [n, width] f32. */
  features: Float32Array;
  /** 1 or 0. */
  labels: Uint8Array;
  /** Weight of each example in the loss; they need not sum to anything. */
  weights: Float64Array;
  width: number;
}

export interface LinearModel {
  weights: Float64Array;
  bias: number;
}

const MAX_ITERATIONS = 300;
/** Norm of the gradient at which it is good enough. */
const TOLERANCE = 1e-5;
/** Pairs of steps that L-BFGS remembers. */
const MEMORY = 10;

/**
 * Logistic regression with an L2 penalty on the weights, not on the bias: minimises the weighted mean log loss plus
 * penalty/2 |w|^2, by L-BFGS (Nocedal and Wright, 2nd ed., algorithms 7.4 and 3.1) from zero. Features should be of unit
 * scale.
 */
export function fitLogistic(examples: Examples, penalty: number, tolerance = TOLERANCE): LinearModel {
  const { width } = examples;
  const objective = createObjective(examples, penalty);
  let point: Float64Array = new Float64Array(width + 1);
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
  return { weights: point.slice(0, width), bias: point[width] ?? 0 };
}

/** weights . features + bias of one row. */
export function logit({ weights, bias }: LinearModel, features: Float32Array, offset = 0): number {
  let sum = bias;
  for (let i = 0; i < weights.length; i++) sum += (weights[i] ?? 0) * (features[offset + i] ?? 0);
  return sum;
}

type Objective = (point: Float64Array) => { value: number; gradient: Float64Array };

function createObjective({ features, labels, weights, width }: Examples, penalty: number): Objective {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (point) => {
    const gradient = new Float64Array(width + 1);
    let value = 0;
    for (let row = 0; row < labels.length; row++) {
      const offset = row * width;
      let z = point[width] ?? 0;
      for (let i = 0; i < width; i++) z += (point[i] ?? 0) * (features[offset + i] ?? 0);
      const sign = labels[row] === 1 ? 1 : -1;
      const weight = (weights[row] ?? 0) / total;
      // log(1 + exp(-sign z)) without overflow
      value += weight * (Math.max(0, -sign * z) + Math.log1p(Math.exp(-Math.abs(z))));
      const factor = (-weight * sign) / (1 + Math.exp(sign * z));
      for (let i = 0; i < width; i++) gradient[i] = (gradient[i] ?? 0) + factor * (features[offset + i] ?? 0);
      gradient[width] = (gradient[width] ?? 0) + factor;
    }
    for (let i = 0; i < width; i++) {
      value += (penalty / 2) * (point[i] ?? 0) ** 2;
      gradient[i] = (gradient[i] ?? 0) + penalty * (point[i] ?? 0);
    }
    return { value, gradient };
  };
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

import { minimise, type Objective, TOLERANCE } from "./lbfgs.ts";
import type { Matrix } from "./matrix.ts";

export interface Examples {
  features: Matrix;
  /** 1 or 0, of each row. */
  labels: Uint8Array;
  /** Weight of each row in the loss; they need not sum to anything. */
  weights: Float64Array;
}

export interface LinearModel {
  weights: Float64Array;
  bias: number;
}

/**
 * Logistic regression with an L2 penalty on the weights, not on the bias: minimises the weighted mean log loss plus
 * penalty/2 |w|^2. Features should be of unit scale.
 */
export function fitLogistic(examples: Examples, penalty: number, tolerance = TOLERANCE): LinearModel {
  const { width } = examples.features;
  const point = minimise(createObjective(examples, penalty), new Float64Array(width + 1), tolerance);
  return { weights: point.slice(0, width), bias: point[width] ?? 0 };
}

/** weights . features + bias of one row. */
export function logit({ weights, bias }: LinearModel, features: Matrix, row: number): number {
  return bias + features.dot(row, weights);
}

/** The loss at a point of `width` weights and the bias. */
function createObjective({ features, labels, weights }: Examples, penalty: number): Objective {
  const { width } = features;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (point) => {
    const gradient = new Float64Array(width + 1);
    let value = 0;
    for (let row = 0; row < labels.length; row++) {
      const z = (point[width] ?? 0) + features.dot(row, point);
      const sign = labels[row] === 1 ? 1 : -1;
      const weight = (weights[row] ?? 0) / total;
      // log(1 + exp(-sign z)) without overflow
      value += weight * (Math.max(0, -sign * z) + Math.log1p(Math.exp(-Math.abs(z))));
      const factor = (-weight * sign) / (1 + Math.exp(sign * z));
      features.addTo(gradient, row, factor);
      gradient[width] = (gradient[width] ?? 0) + factor;
    }
    for (let i = 0; i < width; i++) {
      value += (penalty / 2) * (point[i] ?? 0) ** 2;
      gradient[i] = (gradient[i] ?? 0) + penalty * (point[i] ?? 0);
    }
    return { value, gradient };
  };
}

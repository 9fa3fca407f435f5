import { describe, expect, it } from "vitest";
import { type Examples, fitLogistic, logit } from "./logistic.ts";
import { DenseMatrix, SparseMatrix } from "./matrix.ts";

/** The problem of the fixture below: 8 rows, 2 features. */
const FEATURES = Float32Array.of(0.5, 1.2, -0.3, 0.8, 1.5, -0.2, -1.1, -0.9, 0.2, -1.4, 0.9, 0.4, -0.7, 0.1, 1.1, 1.9);
const EXAMPLES: Examples = {
  features: new DenseMatrix(FEATURES, 2),
  labels: Uint8Array.of(1, 0, 1, 0, 0, 1, 0, 1),
  weights: Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1),
};

describe("logistic regression", () => {
  it("is where the gradient of the penalised loss vanishes", () => {
    for (const penalty of [0.01, 0.1, 1]) {
      const model = fitLogistic(EXAMPLES, penalty);
      const gradient = [0, 0, 0];
      EXAMPLES.labels.forEach((label, row) => {
        const error = 1 / (1 + Math.exp(-logit(model, EXAMPLES.features, row))) - label;
        gradient[0] = (gradient[0] ?? 0) + (error * (FEATURES[row * 2] ?? 0)) / 8;
        gradient[1] = (gradient[1] ?? 0) + (error * (FEATURES[row * 2 + 1] ?? 0)) / 8;
        gradient[2] = (gradient[2] ?? 0) + error / 8;
      });
      expect((gradient[0] ?? 1) + penalty * (model.weights[0] ?? 0)).toBeCloseTo(0, 4);
      expect((gradient[1] ?? 1) + penalty * (model.weights[1] ?? 0)).toBeCloseTo(0, 4);
      expect(gradient[2]).toBeCloseTo(0, 4);
    }
  });

  it("counts an example of weight two like two examples", () => {
    const twice: Examples = {
      ...EXAMPLES,
      features: new DenseMatrix(Float32Array.from([...FEATURES, ...FEATURES.subarray(0, 2)]), 2),
      labels: Uint8Array.from([...EXAMPLES.labels, EXAMPLES.labels[0] ?? 0]),
      weights: new Float64Array(9).fill(1),
    };
    const weighted: Examples = { ...EXAMPLES, weights: Float64Array.of(2, 1, 1, 1, 1, 1, 1, 1) };
    const [a, b] = [fitLogistic(twice, 0.1), fitLogistic(weighted, 0.1)];
    expect(a.weights[0]).toBeCloseTo(b.weights[0] ?? Number.NaN, 3);
    expect(a.bias).toBeCloseTo(b.bias, 3);
  });

  it("stays finite where the classes can be separated", () => {
    const separable: Examples = {
      features: new DenseMatrix(Float32Array.of(-1e3, 1e3), 1),
      labels: Uint8Array.of(0, 1),
      weights: Float64Array.of(1, 1),
    };
    const model = fitLogistic(separable, 1e-6);
    expect(Number.isFinite(model.weights[0])).toBe(true);
    expect(logit(model, separable.features, 1)).toBeGreaterThan(0);
  });

  it("is the same on a sparse matrix, zeros left out", () => {
    const dense = Float32Array.from(FEATURES, (value, i) => (i % 3 === 0 ? 0 : value));
    const rows = Array.from({ length: 8 }, (_, row) => {
      const columns = [0, 1].filter((column) => dense[row * 2 + column] !== 0);
      return {
        columns: Int32Array.from(columns),
        values: Float64Array.from(columns, (column) => dense[row * 2 + column] ?? 0),
      };
    });
    const sparse = new SparseMatrix(rows, 2);
    const [a, b] = [new DenseMatrix(dense, 2), sparse].map((features) => fitLogistic({ ...EXAMPLES, features }, 0.1));
    expect(a).toEqual(b);
  });
});

/** Features of examples, one a row. */
export interface Matrix {
  readonly rows: number;
  readonly width: number;
  /** Row times a vector of at least `width` numbers. */
  dot(row: number, vector: Float64Array): number;
  /** Adds `factor` times the row to the beginning of a vector. */
  addTo(vector: Float64Array, row: number, factor: number): void;
}

/** All of [rows, width] f32. */
export class DenseMatrix implements Matrix {
  readonly rows: number;
  readonly width: number;
  readonly values: Float32Array;

  constructor(values: Float32Array, width: number) {
    this.values = values;
    this.width = width;
    this.rows = values.length / width;
  }

  dot(row: number, vector: Float64Array): number {
    const { values, width } = this;
    const offset = row * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (vector[i] ?? 0) * (values[offset + i] ?? 0);
    return sum;
  }

  addTo(vector: Float64Array, row: number, factor: number): void {
    const { values, width } = this;
    const offset = row * width;
    for (let i = 0; i < width; i++) vector[i] = (vector[i] ?? 0) + factor * (values[offset + i] ?? 0);
  }
}

/** Columns that are not zero, with their values. */
export interface SparseRow {
  columns: Int32Array;
  values: Float64Array;
}

export class SparseMatrix implements Matrix {
  readonly rows: number;
  readonly width: number;
  private readonly entries: readonly SparseRow[];

  constructor(entries: readonly SparseRow[], width: number) {
    this.entries = entries;
    this.rows = entries.length;
    this.width = width;
  }

  dot(row: number, vector: Float64Array): number {
    const entry = this.entries[row];
    if (entry === undefined) return 0;
    let sum = 0;
    for (let k = 0; k < entry.columns.length; k++)
      sum += (entry.values[k] ?? 0) * (vector[entry.columns[k] ?? -1] ?? 0);
    return sum;
  }

  addTo(vector: Float64Array, row: number, factor: number): void {
    const entry = this.entries[row];
    if (entry === undefined) return;
    for (let k = 0; k < entry.columns.length; k++) {
      const column = entry.columns[k] ?? -1;
      vector[column] = (vector[column] ?? 0) + factor * (entry.values[k] ?? 0);
    }
  }
}

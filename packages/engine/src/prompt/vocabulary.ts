/** The bytes of every token, and which tokens end a response: what is needed to turn tokens into text without the model. */
export interface PieceTable {
  /** All pieces, one after another. */
  bytes: Uint8Array;
  /** [vocabulary + 1]: where each piece begins; the last is where the last one ends. */
  starts: Uint32Array;
  ends: Int32Array;
}

/** Reads the table from what knows single tokens. */
export function readPieceTable(
  size: number,
  of: { piece(token: number): Uint8Array; isEnd(token: number): boolean },
): PieceTable {
  const pieces = Array.from({ length: size }, (_, token) => of.piece(token));
  const starts = new Uint32Array(size + 1);
  for (const [token, piece] of pieces.entries()) starts[token + 1] = (starts[token] ?? 0) + piece.length;
  const bytes = new Uint8Array(starts[size] ?? 0);
  for (const [token, piece] of pieces.entries()) bytes.set(piece, starts[token]);
  return { bytes, starts, ends: Int32Array.from(pieces.keys()).filter((token) => of.isEnd(token)) };
}

/** A vocabulary's pieces by token. */
export class Vocabulary {
  private readonly table: PieceTable;
  private readonly ends: ReadonlySet<number>;

  constructor(table: PieceTable) {
    this.table = table;
    this.ends = new Set(table.ends);
  }

  piece(token: number): Uint8Array {
    const { bytes, starts } = this.table;
    return bytes.subarray(starts[token] ?? 0, starts[token + 1] ?? starts[token] ?? 0);
  }

  isEnd(token: number): boolean {
    return this.ends.has(token);
  }
}

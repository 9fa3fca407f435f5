import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tensor, writeSafetensors } from "@modx/tensors";
import { type RecordedResponse, shardName } from "./recording.ts";

/** Responses in a shard: about a minute of work on two cores, lost at most when a recording is interrupted. */
const SHARD_RESPONSES = 64;

/** Collects responses and writes a shard whenever enough are there. A shard appears only when it is complete. */
export class ShardWriter {
  private pending: RecordedResponse[] = [];
  private readonly folder: string;
  private next: number;
  private readonly size: number;

  /** `size` is the number of values of one position: taps times width. */
  constructor(folder: string, next: number, size: number) {
    this.folder = folder;
    this.next = next;
    this.size = size;
  }

  add(response: RecordedResponse): void {
    this.pending.push(response);
    if (this.pending.length >= SHARD_RESPONSES) this.flush();
  }

  flush(): void {
    if (this.pending.length === 0) return;
    const rows = this.pending.splice(0);
    const kept = rows.reduce((sum, row) => sum + row.kept, 0);
    const prompt = new Float32Array(rows.length * 3 * this.size);
    const response = new Float32Array(kept * this.size);
    let at = 0;
    for (const [index, row] of rows.entries()) {
      for (const [which, residuals] of [row.userMean, row.lastUser, row.lastPrompt].entries())
        prompt.set(residuals, (index * 3 + which) * this.size);
      response.set(row.response, at * this.size);
      at += row.kept;
    }
    const tensors = new Map<string, Tensor>([
      ["prompt", { dtype: dtypeFor(prompt), shape: [rows.length, 3, this.size], data: prompt }],
      ["response", { dtype: dtypeFor(response), shape: [kept, this.size], data: response }],
    ]);
    const name = join(this.folder, shardName(this.next));
    writeFileSync(`${name}.safetensors`, writeSafetensors(tensors));
    const lines = rows.map(({ userMean, lastUser, lastPrompt, response: _, ...row }) => JSON.stringify(row));
    writeFileSync(`${name}.jsonl.unfinished`, `${lines.join("\n")}\n`);
    renameSync(`${name}.jsonl.unfinished`, `${name}.jsonl`);
    this.next += 1;
  }
}

/** Largest number of half precision. Some families' residuals go beyond it. */
const MOST_F16 = 65_504;

function dtypeFor(values: Float32Array): "F16" | "F32" {
  return values.every((value) => Math.abs(value) <= MOST_F16) ? "F16" : "F32";
}

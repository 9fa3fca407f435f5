import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { whereWritable, writeWhole } from "../cache/disk.ts";
import { type Digest, startDigest } from "../hash/file-digest.ts";

/** Files are fetched and kept in blocks of so many bytes: a header, or a row and its neighbours, is one. */
export const BLOCK_BYTES = 256 << 10;

const NAME = /^(\d{1,9})-[0-9a-f]{64}$/;
/** Says that all blocks together have been found to be the file. */
const CHECKED = "checked";

/**
 * The blocks of one file that are on disk, each a file that is named by its number and its sha256. So there is nothing to lock and
 * nothing to write in order: of a block that was cut short, or changed by anybody, the name does not fit, and it is fetched again. A
 * cache that cannot be written keeps nothing, and is no error.
 */
export class KeptBlocks {
  readonly #folder: string;
  readonly #bytes: number;
  readonly #digest: Digest;
  #listed: Promise<void> | null = null;
  readonly #names = new Map<number, string>();
  #checked = false;

  /** `folder` is this content's own. */
  constructor(folder: string, bytes: number, digest: Digest) {
    this.#folder = folder;
    this.#bytes = bytes;
    this.#digest = digest;
  }

  /** Null where it is not kept, or was damaged. */
  async read(block: number): Promise<Uint8Array | null> {
    await this.#list();
    const name = this.#names.get(block);
    if (name === undefined) return null;
    const bytes = await readFile(join(this.#folder, name)).catch(() => null);
    if (bytes !== null && nameOf(block, bytes) === name) return bytes;
    this.#names.delete(block);
    await whereWritable(() => rm(join(this.#folder, name), { force: true, recursive: true }));
    return null;
  }

  async keep(block: number, bytes: Uint8Array): Promise<void> {
    await this.#list();
    const name = nameOf(block, bytes);
    if (await whereWritable(() => writeWhole(join(this.#folder, name), bytes))) this.#names.set(block, name);
  }

  /** False where all blocks are there and are not the file that the hub lists: then none is kept. */
  async areRight(): Promise<boolean> {
    await this.#list();
    const blocks = Math.ceil(this.#bytes / BLOCK_BYTES);
    if (this.#checked || this.#names.size < blocks) return true;
    const hash = startDigest(this.#digest.algorithm, this.#bytes);
    for (let block = 0; block < blocks; block++) {
      const bytes = await this.read(block);
      if (bytes === null) return true;
      hash.update(bytes);
    }
    this.#checked = hash.digest("hex") === this.#digest.hex;
    if (this.#checked) await whereWritable(() => writeWhole(join(this.#folder, CHECKED), ""));
    else {
      this.#names.clear();
      await whereWritable(() => rm(this.#folder, { recursive: true, force: true }));
    }
    return this.#checked;
  }

  #list(): Promise<void> {
    this.#listed ??= readdir(this.#folder).then(
      (names) => {
        for (const name of names) {
          const [, block] = NAME.exec(name) ?? [];
          if (block !== undefined && Number(block) * BLOCK_BYTES < this.#bytes) this.#names.set(Number(block), name);
        }
        this.#checked = names.includes(CHECKED);
      },
      () => undefined,
    );
    return this.#listed;
  }
}

function nameOf(block: number, bytes: Uint8Array): string {
  return `${block}-${createHash("sha256").update(bytes).digest("hex")}`;
}

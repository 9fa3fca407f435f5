import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileBytes, moveIntoPlace, onDisk, readJson, writeWhole } from "../cache/disk.ts";
import { countField, textField } from "../cache/json-fields.ts";

/** What the server said of the file whose first part is on disk. */
export interface PartialState {
  url: string;
  /** Strong ETag or Last-Modified, for If-Range; null where the server gave neither. */
  validator: string | null;
  /** Size of the whole file in bytes, where the server told it. */
  total: number | null;
}

/** `<target>.incomplete` with its state beside it; it outlives the process, so that the next one goes on. */
export class PartialFile {
  readonly path: string;
  readonly #target: string;
  readonly #statePath: string;

  constructor(target: string) {
    this.#target = target;
    this.path = `${target}.incomplete`;
    this.#statePath = `${this.path}.json`;
  }

  bytes(): Promise<number> {
    return fileBytes(this.path).then((bytes) => bytes ?? 0);
  }

  async state(): Promise<PartialState | null> {
    const stored = await readJson(this.#statePath);
    const url = textField(stored, "url");
    if (url === undefined) return null;
    return { url, validator: textField(stored, "validator") ?? null, total: countField(stored, "total") ?? null };
  }

  /** Opens the file to be written on from where it ends. */
  resume(): Promise<FileHandle> {
    return onDisk(this.path, () => open(this.path, "r+"));
  }

  /** Begins anew: a new file, never the old one emptied, which another process may still have open. */
  async begin(state: PartialState): Promise<FileHandle> {
    return onDisk(this.path, async () => {
      await this.discard();
      await mkdir(dirname(this.path), { recursive: true });
      await writeWhole(this.#statePath, JSON.stringify(state));
      return open(this.path, "wx");
    });
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#statePath, { force: true });
  }

  /** The file is whole and right: gives it its name. */
  async finish(): Promise<void> {
    await moveIntoPlace(this.path, this.#target);
    await rm(this.#statePath, { force: true });
  }
}

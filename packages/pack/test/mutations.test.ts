import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModxError } from "@modx/errors";
import { afterAll, expect, it } from "vitest";
import { mutate, randomBelow } from "../../../testing/random.ts";
import { readPackFiles } from "../src/format/read-pack.ts";
import { writePack, writeUnresolved } from "../src/format/write-pack.ts";
import { createKey, readPrivateKey } from "../src/sign/keys.ts";
import { signPack } from "../src/sign/sign-pack.ts";
import { CONTENTS } from "../src/testing/example.ts";

const ROUNDS = 12_500;
const root = mkdtempSync(join(tmpdir(), "modx-pack-mutations-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Files = Map<string, Buffer>;
type Random = (below: number) => number;

it.each<[string, () => Files]>([
  ["a pack", () => written((folder) => writePack(folder, CONTENTS))],
  [
    "an unresolved pack",
    () =>
      written((folder) =>
        writeUnresolved(folder, {
          manifest: {
            name: "list",
            description: "two features",
            sources: [
              {
                sae: "m/3-res",
                features: [
                  { index: 7, label: "bombs" },
                  { index: 12, label: "theft" },
                ],
              },
            ],
            labels: [{ what: "features", by: "a list" }],
            provenance: { list: "list.json" },
          },
          card: "# List\n",
        }),
      ),
  ],
])(
  `%s: ${ROUNDS} mutations of its files give a pack or a coded error`,
  (_, make) => {
    const original = make();
    const random = randomBelow(11);
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const files = mutated(original, random);
      try {
        readPackFiles({ name: `round ${round}`, read: (file) => files.get(file) ?? null });
        outcomes.read += 1;
      } catch (error) {
        if (!(error instanceof ModxError)) throw new Error(`round ${round}`, { cause: error });
        outcomes.refused += 1;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(ROUNDS / 4);
    expect(outcomes.read).toBeGreaterThan(ROUNDS / 200);
  },
  240_000,
);

function written(write: (folder: string) => void): Files {
  const folder = join(root, "pack");
  write(folder);
  const key = join(root, `key-${readdirSync(root).length}`);
  createKey(key);
  signPack(folder, readPrivateKey(key));
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

/** A part changed; as a rule with the hash that it then has, so that it is not the hash alone that tells. */
function mutated(original: Files, random: Random): Files {
  const files = new Map(original);
  const names = [...files.keys()];
  const name = names[random(names.length)] ?? "";
  const part = files.get(name) ?? Buffer.alloc(0);
  files.set(name, name === "pack.json" && random(2) === 0 ? withOtherValue(part, random) : mutate(part, random));
  if (random(8) > 0) files.delete("signature.json");
  if (random(8) > 0 && name !== "pack.json" && name !== "signature.json") rehash(files, name);
  return files;
}

function rehash(files: Files, name: string): void {
  const manifest = JSON.parse(files.get("pack.json")?.toString() ?? "") as { files: Record<string, string> };
  manifest.files[name] = createHash("sha256")
    .update(files.get(name) ?? "")
    .digest("hex");
  files.set("pack.json", Buffer.from(JSON.stringify(manifest)));
}

const ODD: unknown[] = [null, -1, 1e308, 0.5, "", "../x", "__proto__", [], {}, [[]], 2 ** 53, true];

/** Still JSON, with something else in one place, or with one thing less. */
function withOtherValue(part: Buffer, random: Random): Buffer {
  const manifest: unknown = JSON.parse(part.toString());
  let at = manifest as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[random(keys.length)];
    if (key === undefined) break;
    const inside = at[key];
    if (typeof inside === "object" && inside !== null && random(4) > 0) {
      at = inside as Record<string, unknown>;
      continue;
    }
    if (random(4) === 0) delete at[key];
    else at[key] = ODD[random(ODD.length)];
    break;
  }
  return Buffer.from(JSON.stringify(manifest));
}

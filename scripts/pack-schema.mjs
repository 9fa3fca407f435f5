// Writes docs/pack.schema.json, the JSON Schema of pack.json. A test holds it to what modx reads.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../packages/cli/bin/modx.mjs", import.meta.url));
const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "pack", "schema"], { encoding: "utf8" });
if (status !== 0) throw new Error(stderr);
writeFileSync(new URL("../docs/pack.schema.json", import.meta.url), stdout);

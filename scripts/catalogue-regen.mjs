// npm run catalogue:regen: writes packages/sae/catalogue/catalogue.json again, from SAELens' table in an environment of its own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./prepare.mjs";

const catalogue = join(ROOT, "packages/sae/catalogue");
const folder = mkdtempSync(join(tmpdir(), "modx-catalogue-"));
const run = (command, args) => execFileSync(command, args, { stdio: "inherit" });
try {
  run(process.env.PYTHON ?? "python3", ["-m", "venv", folder]);
  // only its table is read: what the package needs to run is left out
  run(join(folder, "bin/pip"), ["install", "--quiet", "--no-deps", "-r", join(catalogue, "requirements.txt")]);
  run(join(folder, "bin/python"), ["-B", join(catalogue, "make.py")]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

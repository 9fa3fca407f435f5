// npm run parity:regen: writes the fixtures and layouts of packages/sae again, with the authors' own libraries in an environment of its own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./prepare.mjs";

const fixtures = join(ROOT, "packages/sae/test/fixtures");
const layouts = join(ROOT, "packages/sae/test/layouts");
const folder = mkdtempSync(join(tmpdir(), "modx-parity-"));
const run = (command, args) => execFileSync(command, args, { stdio: "inherit" });
try {
  run(process.env.PYTHON ?? "python3", ["-m", "venv", folder]);
  run(join(folder, "bin/pip"), ["install", "--quiet", "-r", join(fixtures, "requirements.txt")]);
  for (const made of [fixtures, layouts]) run(join(folder, "bin/python"), ["-B", join(made, "make.py")]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

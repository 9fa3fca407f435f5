// npm test: format and lint, types, then all tests on the sources. The last line reads "N passed, N failed".
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, ROOT } from "./prepare.mjs";

await prepare();

const counts = { passed: 0, failed: 0, skipped: 0 };
const bin = (name) => join(ROOT, "node_modules/.bin", name);

function step(title, command, args) {
  console.log(`\n== ${title}`);
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit" });
  counts[status === 0 ? "passed" : "failed"] += 1;
}

step("format and lint", bin("biome"), ["check", "--error-on-warnings", "."]);
step("types of the tests", bin("tsc"), ["-p", "tsconfig.tests.json"]);

const folder = mkdtempSync(join(tmpdir(), "modx-test-"));
const report = join(folder, "report.json");
console.log("\n== tests");
spawnSync(
  bin("vitest"),
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { cwd: ROOT, stdio: "inherit" },
);
try {
  const results = JSON.parse(readFileSync(report, "utf8"));
  counts.passed += results.numPassedTests;
  counts.failed += results.numFailedTests;
  counts.skipped += results.numPendingTests;
  // a file that could not even be loaded has no tests to fail
  counts.failed += results.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
} catch {
  counts.failed += 1;
}
rmSync(folder, { recursive: true, force: true });

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 ? 0 : 1;

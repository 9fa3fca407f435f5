// npm start: installs, builds, fetches the default model, serves it monitored. Arguments go on to `modx serve`.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { prepare, ROOT } from "./prepare.mjs";

await prepare();
const server = spawn(
  process.execPath,
  [join(ROOT, "packages/cli/bin/modx.mjs"), "serve", "--demo", ...process.argv.slice(2)],
  { stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});

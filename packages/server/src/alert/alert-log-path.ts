import { homedir } from "node:os";
import { join } from "node:path";

/** Where alerts are kept: `$XDG_DATA_HOME/modx/alerts.jsonl`, or under `~/.local/share`. */
export function alertLogPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const data = env["XDG_DATA_HOME"] || join(env["HOME"] || homedir(), ".local", "share");
  return join(data, "modx", "alerts.jsonl");
}

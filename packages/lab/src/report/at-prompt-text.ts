import type { AtPrompt } from "./evaluation-report.ts";
import { percent } from "./table.ts";

/** In words what is caught before any token, and who is ahead there. */
export function atPromptText({ monitor, "prompt-tf-idf": request, paired }: AtPrompt): string {
  const own = `Before the first token the monitor catches ${percent(monitor.rate)}`;
  if (request === null || paired === null) return `${own}; nothing that reads the request alone was trained beside it.`;
  const { b, c, p } = paired;
  const verdict =
    p >= 0.05 ? "no difference can be told from chance." : c > b ? "there text wins." : "there the monitor wins.";
  return `${own}, TF-IDF of the request ${percent(request.rate)} at as many false alarms: ${verdict}`;
}

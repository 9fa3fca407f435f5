/** Characters of a request that a refusal repeats. */
const QUOTED_CHARACTERS = 80;

/** A wording with the request's own words where `{request}` stands. */
export function worded(wording: string, request: string): string {
  return wording.replace("{request}", () => quoted(request));
}

/** A request's beginning, cut between words. */
function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= QUOTED_CHARACTERS ? line : line.slice(0, QUOTED_CHARACTERS + 1).replace(/\s\S*$/, "");
}

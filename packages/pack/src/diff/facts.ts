/** What tells the elements of a pack's lists apart, the first that an element has. */
const NAMES = ["name", "row", "index", "tap", "sae", "what"] as const;

/** Every value inside, by where it stands: `detectors compliance threshold`. Elements of lists go by their names, so that an added one moves no other. */
export function factsOf(value: unknown, place = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[place, JSON.stringify(value) ?? ""]]);
  const inside = Array.isArray(value) ? namedItems(value) : Object.entries(value);
  const facts = new Map<string, string>();
  for (const [name, item] of inside)
    for (const [at, text] of factsOf(item, place === "" ? name : `${place} ${name}`)) facts.set(at, text);
  return facts;
}

/** Those that go by the same name are numbered from the second on. */
function namedItems(items: readonly unknown[]): [string, unknown][] {
  const seen = new Map<string, number>();
  return items.map((item, index) => {
    const name = nameOf(item, index);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return [count === 1 ? name : `${name} (${count})`, item];
  });
}

function nameOf(item: unknown, index: number): string {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return String(index + 1);
  const fields = new Map<string, unknown>(Object.entries(item));
  // a calibration is of a class of traffic on one of the pack's models
  if (fields.has("traffic")) return `${fields.get("traffic")} on model ${Number(fields.get("identity")) + 1}`;
  const named = NAMES.find((name) => fields.has(name));
  return named === undefined ? String(index + 1) : String(fields.get(named));
}

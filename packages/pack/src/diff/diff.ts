import { type Pack, ROWS_FILE } from "../format/pack.ts";
import { isResolved, type UnresolvedPack } from "../format/read-pack.ts";
import { factsOf } from "./facts.ts";

/** One thing in which two packs differ; null where one of them has it not. */
export interface Difference {
  what: string;
  before: string | null;
  after: string | null;
}

/** In what two packs differ, in the order of the first and then of the second. Empty where they do the same. */
export function diffPacks(before: Pack | UnresolvedPack, after: Pack | UnresolvedPack): Difference[] {
  const [old, young] = [manifestFacts(before), manifestFacts(after)];
  const places = new Set([...old.keys(), ...young.keys()]);
  const differences = [...places].flatMap((what) => difference(what, old.get(what), young.get(what)));
  return [...differences, ...changedRows(before, after)];
}

function difference(what: string, before: string | undefined, after: string | undefined): Difference[] {
  return before === after ? [] : [{ what, before: before ?? null, after: after ?? null }];
}

/** Without the hash of the rows, which are compared one by one, and of the card, which says the same in words. */
function manifestFacts({ manifest, signature }: Pack | UnresolvedPack): Map<string, string> {
  const { [ROWS_FILE]: _, "card.md": __, ...files } = manifest.files;
  const facts = factsOf({ ...manifest, files });
  if (signature !== null) facts.set("signed by", signature.key);
  return facts;
}

/** Rows that both have, with other numbers. */
function changedRows(before: Pack | UnresolvedPack, after: Pack | UnresolvedPack): Difference[] {
  const [old, young] = [rowsOf(before), rowsOf(after)];
  return [...old].flatMap(([what, one]) => {
    const other = young.get(what);
    if (other === undefined) return [];
    const same = one.bias === other.bias && one.weights.every((value, i) => value === other.weights[i]);
    return same
      ? []
      : [{ what, before: describe(one), after: `${describe(other)}, cosine ${cosine(one.weights, other.weights)}` }];
  });
}

interface Row {
  weights: Float32Array;
  bias: number;
}

function rowsOf(pack: Pack | UnresolvedPack): Map<string, Row> {
  if (!isResolved(pack)) return new Map();
  const named = (place: string, readouts: Pack["readouts"]): [string, Row][] =>
    readouts.flatMap(({ tap, rows }) => rows.map((row): [string, Row] => [`${place} ${tap} ${row.name}`, row]));
  return new Map([...named("row", pack.readouts), ...named("base's row", pack.baseReadouts)]);
}

function describe({ weights, bias }: Row): string {
  return `length ${Math.sqrt(dot(weights, weights)).toPrecision(5)}, bias ${bias.toPrecision(5)}`;
}

function cosine(a: Float32Array, b: Float32Array): string {
  return a.length === b.length ? (dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) || 0).toFixed(4) : "of another width";
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

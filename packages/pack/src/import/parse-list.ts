import { parse } from "csv-parse/sync";
import { z } from "zod";

/** A feature as a list names it. */
export interface NamedFeature {
  index: number;
  /** What the list says of it, the first first; none of them empty. */
  labels: readonly string[];
  /** Neuronpedia's name of its autoencoder, where the list says it: `llama3.1-8b/21-llamascope-res-32k`. */
  sae: string | null;
  /** Its model, where the list says that. */
  model: string | null;
}

const index = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\s*\d{1,9}\s*$/)
    .transform(Number),
]);

/** Objects of Neuronpedia's lists, of its exports of explanations, of tables with a heading. */
const itemSchema = z
  .object({
    index,
    label: z.string().nullish(),
    description: z.string().nullish(),
    explanations: z.array(z.object({ description: z.string() })).nullish(),
    modelId: z.string().nullish(),
    layer: z.string().nullish(),
  })
  .transform(
    ({ index, label, description, explanations, modelId, layer }): NamedFeature => ({
      index,
      labels: labelsOf(label, description, ...(explanations ?? []).map((one) => one.description)),
      sae: modelId && layer ? `${modelId}/${layer}` : null,
      model: modelId || null,
    }),
  );
const bare = index.transform((index) => named(index, ""));
const listSchema = z.array(z.union([bare, itemSchema]));
/** Neuronpedia answers with the list's own fields around its features. */
const wrappedSchema = z.object({ neurons: listSchema }).or(z.object({ features: listSchema }));
/** `{"19397": "data breaches"}`, as the seed wrote it. */
const byIndexSchema = z.record(z.string().regex(/^\d{1,9}$/), z.string());

function named(index: number, label: string): NamedFeature {
  return { index, labels: labelsOf(label), sae: null, model: null };
}

function labelsOf(...said: (string | null | undefined)[]): string[] {
  return said.map((label) => (label ?? "").trim()).filter((label) => label !== "");
}

/** The features of a list; null where it is none. A feature of JSON Lines may come several times, with a label each. */
export function parseList(text: string): NamedFeature[] | null {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[") return ofTable(text);
  const value = jsonOf(text);
  if (value === undefined) return ofJsonLines(text);
  const list = listSchema.safeParse(value);
  if (list.success) return list.data;
  const wrapped = wrappedSchema.safeParse(value);
  if (wrapped.success) return "neurons" in wrapped.data ? wrapped.data.neurons : wrapped.data.features;
  const byIndex = byIndexSchema.safeParse(value);
  if (byIndex.success) return Object.entries(byIndex.data).map(([key, label]) => named(Number(key), label));
  const one = itemSchema.safeParse(value);
  return one.success ? [one.data] : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ofJsonLines(text: string): NamedFeature[] | null {
  const found = new Map<string, NamedFeature>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const item = itemSchema.safeParse(jsonOf(line));
    if (!item.success) return null;
    const key = `${item.data.sae} ${item.data.index}`;
    const before = found.get(key);
    found.set(key, { ...item.data, labels: [...(before?.labels ?? []), ...item.data.labels] });
  }
  return [...found.values()];
}

/** Lines INDEX,label, or a table whose first line names its columns. */
function ofTable(text: string): NamedFeature[] | null {
  let rows: unknown;
  try {
    rows = parse(text, { bom: true, skip_empty_lines: true, relax_column_count: true, trim: true });
  } catch {
    return null;
  }
  const table = z.array(z.array(z.string()).min(1)).safeParse(rows);
  if (!table.success) return null;
  const [first, ...rest] = table.data;
  if (first === undefined) return null;
  const headed = !/^\d+$/.test(first[0] ?? "");
  const names = headed ? first.map((name) => name.toLowerCase()) : ["index", "label"];
  if (headed && !names.includes("index")) return null;
  const cell = (row: readonly string[], name: string): string | undefined => row[names.indexOf(name)];
  const items = z.array(itemSchema).safeParse(
    (headed ? rest : table.data).map((row) => ({
      index: cell(row, "index"),
      // of lines without a heading all that follows the index is its label
      label: headed ? cell(row, "label") : row.slice(1).join(", "),
      description: cell(row, "description"),
      modelId: cell(row, "modelid") ?? cell(row, "model"),
      layer: cell(row, "layer"),
    })),
  );
  return items.success ? items.data : null;
}

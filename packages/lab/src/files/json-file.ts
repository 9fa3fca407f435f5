import { readFileSync } from "node:fs";
import type { ModxError } from "@modx/errors";
import type { z } from "zod";

/** Makes an error of why a file cannot be used. */
export type Unusable = (why: string, cause?: unknown) => ModxError;

/** Reads a JSON file of one form. Throws what `unusable` makes of it when it is another. */
export function readJsonFile<S extends z.ZodType>(path: string, schema: S, unusable: Unusable): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  return inForm(json, schema, "the whole file", unusable);
}

/** The values of JSON Lines, with the line of each, from 1; empty lines are left out. Throws what `unusable` makes of the first bad one. */
export function* jsonLines<S extends z.ZodType>(
  text: string,
  schema: S,
  unusable: Unusable,
): Generator<{ line: number; value: z.output<S> }, void, undefined> {
  for (const [index, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = index + 1;
    let json: unknown;
    try {
      json = JSON.parse(content);
    } catch (cause) {
      throw unusable(`line ${line} is not JSON`, cause);
    }
    const value = inForm(json, schema, "the whole line", (why, cause) => unusable(`line ${line}, ${why}`, cause));
    yield { line, value };
  }
}

/** A JSON value in its form. Throws what `unusable` makes of it when it is another; `whole` names the value itself. */
export function inForm<S extends z.ZodType>(json: unknown, schema: S, whole: string, unusable: Unusable): z.output<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unusable(`${issue?.path.join(".") || whole}: ${issue?.message}`);
}

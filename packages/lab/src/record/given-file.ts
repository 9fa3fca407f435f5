import { z } from "zod";
import { jsonLines } from "../files/json-file.ts";
import { LABELS, type Prompt, readText, unreadable } from "../prompts/prompt-file.ts";

/** A response that somebody gave, with the request it is to be read behind. */
export interface GivenResponse {
  prompt: Prompt;
  response: string;
}

const lineSchema = z
  .object({
    id: z.union([z.string(), z.number()]).transform(String).optional(),
    prompt: z.string().min(1).optional(),
    text: z.string().min(1).optional(),
    response: z.string().min(1),
    label: z.enum(LABELS).optional(),
    source: z.string().optional(),
  })
  .refine(({ prompt, text }) => (prompt === undefined) !== (text === undefined), {
    error: 'it needs either "prompt" or "text"',
  });

const FORM =
  'Each line is a JSON object {"id","prompt","response","label","source"}; "prompt" (or "text") and "response" are required.';

/** Reads JSON Lines of requests and responses (gzipped when it ends in .gz). Throws MODX_USAGE_FILE_MISSING or MODX_USAGE_PROMPTS with the line. */
export function readGivenFile(path: string): GivenResponse[] {
  const name = path.replace(/^.*\//, "").replace(/\.jsonl(\.gz)?$/, "");
  const lines = jsonLines(readText(path, '{"prompt","response"}'), lineSchema, (why, cause) =>
    unreadable(path, why, cause, FORM),
  );
  const given = Array.from(lines, ({ line, value }): GivenResponse => {
    const { id = `${name}-${line}`, prompt, text = prompt ?? "", response, label = null, source = name } = value;
    return { prompt: { id, text, label, source }, response };
  });
  if (given.length === 0) throw unreadable(path, "it holds no responses", undefined, FORM);
  return given;
}

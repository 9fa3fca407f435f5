import { RequestError } from "./request-error.ts";

/**
 * Parameters that would change what the answer means and that this server does not have, each with the values that ask
 * for nothing and may stand. Every other parameter that it does not know is passed over.
 */
const REFUSED: Record<string, (value: unknown) => boolean> = {
  tools: isEmpty,
  tool_choice: (value) => value === "none" || value === "auto",
  functions: isEmpty,
  function_call: (value) => value === "none" || value === "auto",
  response_format: (value) => typeof value === "object" && value !== null && "type" in value && value.type === "text",
  modalities: (value) => Array.isArray(value) && value.every((modality) => modality === "text"),
  audio: never,
  web_search_options: never,
  n: (value) => value === 1,
  // llama-server's own
  json_schema: never,
};

const REFUSED_IN_MESSAGE: Record<string, (value: unknown) => boolean> = {
  tool_calls: isEmpty,
  function_call: never,
  audio: never,
};

/** Throws MODX_SERVER_UNSUPPORTED, naming the first parameter that is refused. */
export function refuseParameters(body: object): void {
  check(body, REFUSED, "");
  if (!("messages" in body) || !Array.isArray(body.messages)) return;
  for (const [index, message] of body.messages.entries()) {
    if (typeof message !== "object" || message === null) continue;
    check(message, REFUSED_IN_MESSAGE, `messages[${index}].`);
    if (!("content" in message) || !Array.isArray(message.content)) continue;
    for (const [part, { type }] of message.content.entries()) {
      if (typeof type === "string" && type !== "text") throw refused(`messages[${index}].content[${part}]`, type);
    }
  }
}

function check(object: object, refusals: typeof REFUSED, prefix: string): void {
  for (const [name, value] of Object.entries(object)) {
    const harmless = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
    if (harmless !== undefined && value !== null && !harmless(value)) throw refused(`${prefix}${name}`);
  }
}

function refused(param: string, type?: string): RequestError {
  return new RequestError("MODX_SERVER_UNSUPPORTED", {
    what: `Unsupported parameter: '${param}'${type === undefined ? "" : ` of type '${type}'`} is not supported here.`,
    remedy: "Leave it out.",
    param,
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function never(): boolean {
  return false;
}

import { clientGone } from "./client-gone.ts";
import { RequestError } from "./request-error.ts";

/** Most bytes of a request's body: some fifty times the text of a full context of 4096 tokens. */
export const MAX_BODY_BYTES: number = 1024 * 1024;

/** Reads a body of JSON. Throws MODX_SERVER_TOO_LARGE as soon as it is known to be, and MODX_SERVER_REQUEST. */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new RequestError("MODX_SERVER_REQUEST", {
      what: "The body of the request is not JSON.",
      remedy: "Send one JSON object in UTF-8.",
      param: null,
    });
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      // a chunked body does not say its length beforehand
      if (size > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw clientGone(cause);
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

function tooLarge(): RequestError {
  return new RequestError("MODX_SERVER_TOO_LARGE", {
    what: `The body of the request is larger than ${MAX_BODY_BYTES} bytes.`,
    remedy: "Send a shorter conversation.",
    param: null,
  });
}

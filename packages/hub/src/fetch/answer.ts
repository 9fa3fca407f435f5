/** What a request asks for: the bytes from `start` on of the file that `validator` names. */
export interface Continuation {
  start: number;
  total: number | null;
  validator: string | null;
}

/**
 * What the server's answer brings: bytes from `start` (0: it ignored the range or the file changed, and sends all),
 * "refused", or "changed": what is on disk cannot be the beginning of that file.
 */
export function answered(response: Response, asked: Continuation): Continuation | "refused" | "changed" {
  const { status, headers } = response;
  if (status === 200) return { start: 0, total: contentLength(headers), validator: validatorOf(headers) };
  // 416: the range lies behind the end of the file.
  if (status === 416 && asked.start > 0) return "changed";
  if (status !== 206) return "refused";
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  const total = size === undefined || size === "*" ? null : Number(size);
  const sameSize = total === null || asked.total === null || total === asked.total;
  const etag = strongEtag(headers);
  const sameTag = etag === null || asked.validator === null || !isEtag(asked.validator) || etag === asked.validator;
  if (Number(first) !== asked.start || !sameSize || !sameTag) return "changed";
  return { start: asked.start, total: total ?? asked.total, validator: asked.validator };
}

/** RFC 9110 13.1.5: If-Range takes a strong ETag or a date. */
function validatorOf(headers: Headers): string | null {
  return strongEtag(headers) ?? headers.get("last-modified");
}

function strongEtag(headers: Headers): string | null {
  const etag = headers.get("etag");
  return etag !== null && isEtag(etag) ? etag : null;
}

function isEtag(text: string): boolean {
  return text.startsWith('"');
}

/** Length of the file; unknown where the body is compressed on the way or sent in chunks. */
function contentLength(headers: Headers): number | null {
  const encoding = headers.get("content-encoding") ?? "identity";
  const length = headers.get("content-length");
  return length === null || encoding !== "identity" ? null : Number(length);
}

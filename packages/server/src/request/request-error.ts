import { type ErrorCode, ModxError, type ModxErrorOptions } from "@modx/errors";

/** A request that cannot be answered as it stands, with the parameter that is to blame. */
export class RequestError extends ModxError {
  /** As the client spelled it, for example `messages[0].content`; null where it is the request as a whole. */
  readonly param: string | null;

  constructor(code: ErrorCode, { param, ...options }: ModxErrorOptions & { param: string | null }) {
    super(code, options);
    this.param = param;
  }
}

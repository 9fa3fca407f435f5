export { CODES, type ErrorCode } from "./codes.ts";
export { ModxError, type ModxErrorOptions } from "./modx-error.ts";

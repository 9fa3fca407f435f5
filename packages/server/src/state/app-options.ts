import type { OnAlert } from "../alert/alert.ts";

export interface AppOptions {
  /** Keys that open `/v1`. Defaults to none: open to everybody. */
  apiKeys?: readonly string[];
  /** The owner's right: requests may ask for the text of withheld tokens. Defaults to false. */
  reveal?: boolean;
  /** Takes every alarm, before anything of it is sent. */
  onAlert?: OnAlert;
  /** Takes what went wrong on the server's side: alerts that could not be stored, defects. */
  onError?: (error: unknown) => void;
  /** Milliseconds after which a request that is not answered ends. Defaults to none. */
  deadlineMs?: number;
  /** Milliseconds of silence in a stream after which a comment is sent. Defaults to 15 s. */
  pingMs?: number;
}

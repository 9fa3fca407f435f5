import { ModxError } from "@modx/errors";
import { Transient } from "./retry.ts";

/** Which credentials went along: the hub with or without HF_TOKEN, or a host that modx has none for. */
export type Access = "hub-token" | "hub-anonymous" | "plain";

/** The error for an answer that is not the file. `what` names the file or repository in messages. */
export function httpRefusal(response: Response, what: string, access: Access): ModxError | Transient {
  const { status } = response;
  if (status === 401 || status === 403) {
    // The hub answers 401 for a repository that does not exist, so as not to tell which private ones do.
    return new ModxError("MODX_HUB_NOT_FOUND", {
      what: `${what} does not exist or may not be read (HTTP ${status}).`,
      remedy: REMEDIES[access],
    });
  }
  if (status === 404 || status === 410) {
    return new ModxError("MODX_HUB_NOT_FOUND", {
      what: `${what} does not exist (HTTP ${status}).`,
      remedy: "Check the spelling of repository, revision and file.",
    });
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new Transient(`HTTP ${status}`, Number(response.headers.get("retry-after") ?? 0) * 1000 || 0);
  }
  return new ModxError("MODX_HUB_NETWORK", {
    what: `The server answered HTTP ${status} for ${what}.`,
    remedy: "Check the address, or a proxy in between.",
  });
}

const REMEDIES: Record<Access, string> = {
  "hub-token":
    "Check the spelling; the token in HF_TOKEN is not allowed to read it (accept the model's terms on its page).",
  "hub-anonymous": "Check the spelling, or set HF_TOKEN to a token that may read it.",
  plain:
    "modx has no credentials for this host: download the file yourself and give its path. HF_TOKEN is sent only to the hub.",
};

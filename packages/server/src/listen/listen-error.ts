import { ModxError } from "@modx/errors";

/** Why an address cannot be listened on, in words. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): ModxError {
  if (error.code === "EADDRINUSE") {
    return new ModxError("MODX_SERVER_PORT", {
      what: `port ${port} is in use;`,
      remedy: "choose another with --port",
      cause: error,
    });
  }
  if (error.code === "EACCES") {
    return new ModxError("MODX_SERVER_PORT", {
      what: `port ${port} is not open to this user;`,
      remedy: "choose one from 1024 with --port",
      cause: error,
    });
  }
  return new ModxError("MODX_SERVER_ADDRESS", {
    what: `The address ${host} cannot be listened on (${error.code ?? error.message}).`,
    remedy: "Give an address of this machine with --host, for example 127.0.0.1.",
    cause: error,
  });
}

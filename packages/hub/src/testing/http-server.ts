import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** A real server on a free port of this machine; returns its address. It goes with the test. */
export async function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse, path: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    answer(request, response, new URL(request.url ?? "/", "http://localhost").pathname);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

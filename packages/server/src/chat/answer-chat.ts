import { clientGone } from "../request/client-gone.ts";
import { parseChat } from "../request/parse-chat.ts";
import { planChat } from "../request/plan-chat.ts";
import { readJson } from "../request/read-json.ts";
import type { AppOptions } from "../state/app-options.ts";
import type { ServerState } from "../state/server-state.ts";
import { sseResponse } from "../wire/sse-response.ts";
import { AlertDesk } from "./alert-desk.ts";
import { answer } from "./answer.ts";
import { chatChunks } from "./chunks.ts";
import { chatCompletion } from "./completion.ts";
import { createFrame } from "./frame.ts";

/** Answers `POST /v1/chat/completions`. Throws what is wrong with the request before anything is sent. */
export async function answerChat(http: Request, state: ServerState, options: AppOptions): Promise<Response> {
  const served = state.ready();
  const request = parseChat(await readJson(http));
  const plan = await planChat(request, served, { reveal: options.reveal === true });

  const frame = createFrame(served);
  const { onAlert, onError, pingMs, deadlineMs } = options;
  const desk = new AlertDesk({ state, served, request: frame.id, onAlert, onError });
  const client = followClient(http.signal);
  const { scores, reveal, includeUsage } = request;
  const steps = answer({
    state,
    served,
    plan,
    desk,
    scores,
    reveal,
    client: client.signal,
    ...(deadlineMs !== undefined && { deadlineMs }),
  });

  const shared = { frame, policy: served.guard.policy, notes: desk.notes };
  if (!request.stream) return Response.json(await chatCompletion(steps, { ...shared, scores }));
  return sseResponse(chatChunks(steps, { ...shared, includeUsage, onError }), {
    onCancel: () => client.abort(clientGone()),
    ...(pingMs !== undefined && { pingMs }),
  });
}

/** Aborts when the connection breaks, or when the answer's stream is no longer read. */
function followClient(connection: AbortSignal): AbortController {
  const client = new AbortController();
  if (connection.aborted) client.abort(clientGone());
  connection.addEventListener("abort", () => client.abort(clientGone()), { once: true });
  return client;
}

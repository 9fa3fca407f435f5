import { ModxError } from "@modx/errors";
import { Hono } from "hono";
import { answerChat } from "../chat/answer-chat.ts";
import { checkModel } from "../request/check-model.ts";
import type { AppOptions } from "../state/app-options.ts";
import type { ServerState } from "../state/server-state.ts";
import { toWire } from "../wire/wire-error.ts";
import { ApiKeys } from "./api-keys.ts";
import { healthOf } from "./health.ts";
import { modelEntry } from "./model-entry.ts";

/**
 * The OpenAI-compatible service over one monitored model.
 *
 * @example
 * const app = createApp(new ServerState({ guard, files, name: "smollm2", defaultTokens: 240 }));
 * const answer = await app.request("/v1/models");
 */
export function createApp(state: ServerState, options: AppOptions = {}): Hono {
  const keys = new ApiKeys(options.apiKeys ?? []);
  const app = new Hono();

  app.use("/v1/*", async function requireKey(context, next) {
    keys.check(context.req.header("authorization"));
    await next();
  });

  app.get("/health", (context) => {
    const { httpStatus, body } = healthOf(state, keys.accepts(context.req.header("authorization")));
    return context.json(body, httpStatus);
  });
  app.get("/v1/models", (context) => context.json({ object: "list", data: [modelEntry(state.ready(), state)] }));
  app.get("/v1/models/:name{.+}", (context) => {
    checkModel(context.req.param("name"), state.ready());
    return context.json(modelEntry(state.ready(), state));
  });
  app.post("/v1/chat/completions", (context) => answerChat(context.req.raw, state, options));

  app.notFound((context) => {
    throw new ModxError("MODX_SERVER_ROUTE", {
      what: `There is no ${context.req.method} ${context.req.path} here.`,
      remedy: "There are GET /health, GET /v1/models and POST /v1/chat/completions.",
    });
  });
  app.onError((error) => {
    const { status, body } = toWire(error);
    if (status === 500) options.onError?.(error);
    return Response.json(body, { status, headers: status === 401 ? { "www-authenticate": "Bearer" } : {} });
  });
  return app;
}

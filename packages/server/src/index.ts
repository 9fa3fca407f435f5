export type { Alert, OnAlert } from "./alert/alert.ts";
export { ALERT_SCHEMA, AlertLog, type AlertRecord } from "./alert/alert-log.ts";
export { alertLogPath } from "./alert/alert-log-path.ts";
export { createApp } from "./app/create-app.ts";
export type { AlertNote, OutcomeNote, TokenScore } from "./chat/notes.ts";
export { type Listening, type ServeOptions, serve } from "./listen/serve.ts";
export type { AppOptions } from "./state/app-options.ts";
export { type Served, ServerState } from "./state/server-state.ts";
export { toWire, type WireError } from "./wire/wire-error.ts";

export type { Finish, GuardEvent, Outcome, PromptEvent, TokenEvent } from "./events.ts";
export { type GenerateRequest, generate } from "./loop/generate.ts";
export { type JudgeRequest, judge } from "./loop/judge.ts";
export { leading } from "./loop/tally.ts";
export { askBase, type BaseLane, baseTapsOf, bindBase } from "./open/base-lane.ts";
export { replayGolden } from "./open/golden-replay.ts";
export { type Guard, type GuardOptions, openGuard, refuseDraft, tapsOf } from "./open/open-guard.ts";
export { type RunningFiles, runningIdentity, systemHashOf } from "./open/running-identity.ts";
export { ACTIONS, type Action, checkPolicy, type Policy } from "./policy.ts";

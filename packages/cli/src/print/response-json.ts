import { type GuardEvent, leading, type Outcome, type Policy, type TokenEvent } from "@modx/guard";

/** JSON has no NaN and no need for all digits of a f32. */
function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));
}

/** Readings by row name; the readings of a row that several taps carry are added, as detectors add them. */
export function namedReadings(names: readonly string[], readings: Float32Array): Record<string, number | null> {
  const sums: Record<string, number> = {};
  for (const [index, name] of names.entries()) sums[name] = (sums[name] ?? 0) + (readings[index] ?? Number.NaN);
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, rounded(sum)]));
}

export interface JsonOptions {
  names: readonly string[];
  policy: Policy;
  /** Show the text of withheld tokens. */
  reveal: boolean;
  /** Given with many prompts: says which one a line belongs to. */
  id?: string;
}

/** One event as the object that `--json` prints; null for events that have no line. */
export function responseJson(event: GuardEvent, options: JsonOptions): Record<string, unknown> | null {
  const id = options.id === undefined ? {} : { id: options.id };
  if (event.type === "token") return { type: "token", ...id, ...tokenJson(event, options) };
  if (event.type === "outcome") return { type: "verdict", ...id, ...verdictJson(event, options) };
  return null;
}

function tokenJson(event: TokenEvent, { names, reveal }: JsonOptions): Record<string, unknown> {
  return {
    index: event.index,
    text: event.released || reveal ? event.text : null,
    score: rounded(leading(event.verdicts)?.score),
    readings: namedReadings(names, event.readings),
    ...(!event.released && { withheld: true }),
  };
}

function verdictJson(outcome: Outcome, { policy }: JsonOptions): Record<string, unknown> {
  const { alarm, peak, intent } = outcome;
  return {
    alarm: alarm !== null,
    token: alarm?.token ?? null,
    score: rounded(peak?.score),
    threshold: rounded(peak?.threshold),
    detector: peak?.detector ?? null,
    policy: policy.action,
    released: outcome.released,
    generated: outcome.generated,
    finish: outcome.finish,
    why: (alarm?.why ?? []).map(({ name, value, contribution }) => ({
      name,
      value: rounded(value),
      contribution: rounded(contribution),
    })),
    intent: intent === null ? null : { detector: intent.detector, token: intent.token, score: rounded(intent.score) },
    calibrated: peak?.calibration.holds ?? false,
    ...(peak !== null && !peak.calibration.holds && { reasons: peak.calibration.reasons }),
    ...(outcome.tail !== "" && { tail: outcome.tail }),
  };
}

import { leading, type Outcome, type Policy } from "@modx/guard";
import type { TermValue, Verdict } from "@modx/monitor";
import type { Alert } from "../alert/alert.ts";

/** What `modx` says of one token; of the prompt with token -1. */
export interface TokenScore {
  token: number;
  score: number | null;
  threshold: number;
  detector: string;
  level: Verdict["level"];
  withheld?: true;
  /** Of withheld tokens, and only where the server and the request reveal it. */
  text?: string;
}

/** What `modx.alert` says. */
export interface AlertNote {
  /** Id of the stored alert; null where it was not stored. */
  id: string | null;
  detector: string;
  token: number;
  score: number | null;
  threshold: number;
  policy: Policy["action"];
  why: TermValue[];
  calibrated: boolean;
  reasons?: string[];
  /** Response tokens that had left when it was raised. */
  released: number;
}

/** What `modx` says of a whole response. */
export interface OutcomeNote {
  alarm: boolean;
  /** Token of the first alarm; -1 for the prompt; null without one. */
  token: number | null;
  score: number | null;
  threshold: number | null;
  detector: string | null;
  policy: Policy["action"];
  released: number;
  generated: number;
  calibrated: boolean;
  /** Why the calibration does not hold. */
  reasons?: string[];
  intent: { detector: string; token: number; score: number | null } | null;
  alerts: AlertNote[];
}

/** The score nearest to an alarm among all detectors'; null where nothing watches. */
export function tokenScore(verdicts: readonly Verdict[]): TokenScore | null {
  const verdict = leading(verdicts);
  if (verdict === undefined) return null;
  const { token, score, threshold, detector, level } = verdict;
  return { token, score: rounded(score), threshold: rounded(threshold) ?? threshold, detector, level };
}

export function alertNote({ why, calibration }: Verdict, alert: Alert, stored: boolean): AlertNote {
  const { id, detector, token, score, threshold, policy, released } = alert;
  return {
    id: stored ? id : null,
    detector,
    token,
    score: rounded(score),
    threshold: rounded(threshold) ?? threshold,
    policy,
    why: why.map(({ name, value, contribution }) => ({
      name,
      value: rounded(value),
      contribution: rounded(contribution),
    })),
    calibrated: calibration.holds,
    ...(!calibration.holds && { reasons: calibration.reasons }),
    released,
  };
}

export function outcomeNote(outcome: Outcome, policy: Policy, alerts: AlertNote[]): OutcomeNote {
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
    calibrated: peak?.calibration.holds ?? false,
    ...(peak !== null && !peak.calibration.holds && { reasons: peak.calibration.reasons }),
    intent: intent === null ? null : { detector: intent.detector, token: intent.token, score: rounded(intent.score) },
    alerts,
  };
}

/** JSON has no NaN and no need for all digits of a f32. */
function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));
}

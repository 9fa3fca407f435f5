import type { Verdict } from "@modx/monitor";
import type { Alert, OnAlert } from "../alert/alert.ts";
import { uuidV7 } from "../alert/uuid-v7.ts";
import type { Served, ServerState } from "../state/server-state.ts";
import { type AlertNote, alertNote } from "./notes.ts";

export interface AlertDeskOptions {
  state: ServerState;
  served: Served;
  /** Id of the completion. */
  request: string;
  onAlert: OnAlert | undefined;
  onError: ((error: unknown) => void) | undefined;
}

/** Turns one response's alarms into alerts, one for each detector: the first. Each is stored before it is told of. */
export class AlertDesk {
  /** All alerts of the response. */
  readonly notes: AlertNote[] = [];
  private readonly raised = new Set<number>();
  private readonly options: AlertDeskOptions;

  constructor(options: AlertDeskOptions) {
    this.options = options;
  }

  /** Takes the verdicts of a token; returns the alerts that are new. */
  take(verdicts: readonly Verdict[], released: number): AlertNote[] {
    const fresh: AlertNote[] = [];
    for (const [index, verdict] of verdicts.entries()) {
      if (verdict.level !== "alarm" || this.raised.has(index)) continue;
      this.raised.add(index);
      const alert = this.alert(verdict, index, released);
      fresh.push(alertNote(verdict, alert, this.store(alert)));
    }
    this.notes.push(...fresh);
    return fresh;
  }

  private alert({ detector, token, score, threshold }: Verdict, index: number, released: number): Alert {
    const { guard, files } = this.options.served;
    // verdicts come in the order of the packs' detectors
    const owners = guard.packs.flatMap((pack) => pack.manifest.detectors.map(() => pack.sha256));
    return {
      id: uuidV7(),
      request: this.options.request,
      time: new Date().toISOString(),
      model: files.modelSha256,
      adapters: files.adapters.map((adapter) => adapter.sha256),
      pack: owners[index] ?? "",
      detector,
      token,
      score,
      threshold,
      policy: guard.policy.action,
      released,
    };
  }

  /** A response is never lost because its alert could not be stored; the health of the server says so. */
  private store(alert: Alert): boolean {
    const { state, onAlert, onError } = this.options;
    try {
      const stored = onAlert?.(alert) ?? false;
      if (stored) state.alertFailure = null;
      return stored;
    } catch (error) {
      state.lostAlerts += 1;
      state.alertFailure = error instanceof Error ? error.message : String(error);
      onError?.(error);
      return false;
    }
  }
}

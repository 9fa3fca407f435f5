import type { Pulse } from "./messages.ts";

/** How long a process may take to say that it lives, how often it is asked, and how long one pass may take in it. */
export interface Heartbeat {
  everyMs: number;
  patienceMs: number;
  /** Defaults to ten minutes. */
  passMs?: number;
}

/** No model that anybody waits for takes as long over one pass of 512 tokens. */
const PASS_MS = 600_000;

interface Patient {
  ping(): Promise<Pulse>;
  /** Says why, as what follows `The engine's process ended`. */
  kill(why: string): void;
}

/**
 * Asks a process whether it lives, one question at a time, and ends it where it does not answer, or where one pass takes too long: what
 * runs outside of JavaScript lets it answer and serve nobody.
 */
export class Heart {
  private readonly heartbeat: Required<Heartbeat>;
  private readonly patient: Patient;
  private readonly now: () => number;
  private lastBeat: number;
  /** When the question that is open was asked. */
  private asked: number | null = null;
  private question = 0;

  constructor(heartbeat: Heartbeat, patient: Patient, now: () => number = () => performance.now()) {
    this.heartbeat = { passMs: PASS_MS, ...heartbeat };
    this.patient = patient;
    this.now = now;
    this.lastBeat = now();
  }

  /** To be called every `everyMs`. */
  beat(): void {
    const { everyMs, patienceMs } = this.heartbeat;
    const now = this.now();
    // this process itself was held up, and its answers may lie unread
    const late = now - this.lastBeat > everyMs + patienceMs / 4;
    this.lastBeat = now;
    if (late || this.asked === null) this.ask(now);
    else if (now - this.asked > patienceMs) this.patient.kill(`no answer for ${seconds(now - this.asked)}`);
  }

  private ask(now: number): void {
    this.asked = now;
    const question = ++this.question;
    this.patient.ping().then(
      ({ passMs }) => {
        if (question === this.question) this.asked = null;
        if (passMs > this.heartbeat.passMs) this.patient.kill(`one pass took ${seconds(passMs)}`);
      },
      // it has ended
      () => undefined,
    );
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

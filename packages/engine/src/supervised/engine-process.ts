import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CODES, type ErrorCode, ModxError } from "@modx/errors";
import { Heart, type Heartbeat } from "./heart.ts";
import type { Answer, CallName, Calls, Question } from "./messages.ts";

/** Bytes of what the process said last that are kept for the error that tells of its end. */
const KEPT_STDERR = 2000;

/** One child process with an engine in it, and the questions that it has not answered yet. */
export class EngineProcess {
  /** When the process has ended, with the reason, however it ended. */
  readonly ended: Promise<ModxError>;
  private readonly child: ChildProcess;
  private readonly open = new Map<number, { resolve: (value: unknown) => void; reject: (error: ModxError) => void }>();
  private readonly heart: NodeJS.Timeout;
  private asked = 0;
  private over: ModxError | null = null;
  /** Why it was killed, where that was for a reason. */
  private killedFor: string | null = null;
  private said = "";

  constructor(heartbeat: Heartbeat) {
    // Without the variable, ggml runs a debugger over a crash for seconds.
    this.child = fork(script(), [], {
      serialization: "advanced",
      // the child is compiled, whatever the parent runs from
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, GGML_NO_BACKTRACE: "1" },
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.said = (this.said + text).slice(-KEPT_STDERR);
    });
    this.child.on("message", (answer: Answer) => this.take(answer));
    this.ended = new Promise((resolve) => {
      const end = (why: string): void => {
        if (this.over !== null) return;
        this.over = this.crash(why);
        clearInterval(this.heart);
        for (const { reject } of this.open.values()) reject(this.over);
        this.open.clear();
        resolve(this.over);
      };
      this.child.on("error", (error) => end(error.message));
      this.child.on("exit", (status, signal) => end(this.killedFor ?? signal ?? `status ${status}`));
    });
    const heart = new Heart(heartbeat, { ping: () => this.ask("ping", null), kill: (why) => this.kill(why) });
    this.heart = setInterval(() => heart.beat(), heartbeat.everyMs);
    this.heart.unref();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Rejects with the child's error, or with MODX_ENGINE_CRASHED when the process ends before it answers. */
  ask<N extends CallName>(call: N, ask: Calls[N]["ask"], lane: string | null = null): Promise<Calls[N]["answer"]> {
    if (this.over !== null) return Promise.reject(this.over);
    const question: Question<N> = { id: ++this.asked, lane, call, ask };
    return new Promise((resolve, reject) => {
      this.open.set(question.id, { resolve: resolve as (value: unknown) => void, reject });
      this.child.send(question, (error) => {
        if (error === null || !this.open.delete(question.id)) return;
        reject(this.over ?? this.crash(error.message));
      });
    });
  }

  /** Ends the process at once; what is open is rejected. */
  kill(why: string | null = null): void {
    this.killedFor ??= why;
    this.child.kill("SIGKILL");
  }

  private take(answer: Answer): void {
    const asked = this.open.get(answer.id);
    this.open.delete(answer.id);
    if (asked === undefined) return;
    if ("value" in answer) asked.resolve(answer.value);
    else asked.reject(told(answer.error));
  }

  private crash(why: string): ModxError {
    const said = this.said.trim().split("\n").at(-1) ?? "";
    return new ModxError("MODX_ENGINE_CRASHED", {
      what: `The engine's process ended (${why})${said === "" ? "" : `: ${said}`}.`,
      remedy: "It is started again; send the request again.",
    });
  }
}

/** The child's error, as it was thrown there. */
function told({ code, what, remedy }: { code: string; what: string; remedy: string }): ModxError {
  return new ModxError(code in CODES ? (code as ErrorCode) : "MODX_ENGINE_FAILED", { what, remedy });
}

/** The compiled child; from the sources, as in tests, that of the build beside them. */
function script(): string {
  const here = import.meta.url.endsWith(".ts") ? "../../dist/supervised/child.js" : "./child.js";
  return fileURLToPath(new URL(here, import.meta.url));
}

import { expect, it } from "vitest";
import { Heart } from "./heart.ts";
import type { Pulse } from "./messages.ts";

/** A heart by a clock of its own: `pass` lets time pass and then beats; `answer` answers the newest question. */
function set(): {
  pass(ms: number): void;
  answer(passMs?: number): Promise<void>;
  asked: () => number;
  killed: string[];
} {
  let now = 0;
  const questions: ((pulse: Pulse) => void)[] = [];
  const killed: string[] = [];
  const patient = {
    ping: () => new Promise<Pulse>((resolve) => questions.push(resolve)),
    kill: (why: string) => void killed.push(why),
  };
  const heart = new Heart({ everyMs: 100, patienceMs: 1000, passMs: 5000 }, patient, () => now);
  return {
    pass: (ms) => {
      now += ms;
      heart.beat();
    },
    answer: async (passMs = 0) => {
      questions.at(-1)?.({ passMs });
      await Promise.resolve();
    },
    asked: () => questions.length,
    killed,
  };
}

it("asks one question at a time, and ends who has not answered it for as long as its patience", async () => {
  const { pass, answer, asked, killed } = set();
  for (let i = 0; i < 5; i++) {
    pass(100);
    await answer();
  }
  expect([asked(), killed]).toEqual([5, []]);
  for (let i = 0; i < 11; i++) pass(100);
  expect([asked(), killed]).toEqual([6, []]);
  pass(100);
  expect(killed).toEqual(["no answer for 1.1 s"]);
});

it("begins to wait anew when it was held up itself", async () => {
  const { pass, answer, asked, killed } = set();
  pass(100);
  pass(60_000);
  expect([asked(), killed]).toEqual([2, []]);
  for (let i = 0; i < 9; i++) pass(100);
  expect(killed).toEqual([]);
  await answer();
  pass(100);
  expect([asked(), killed]).toEqual([3, []]);
  pass(60_000);
  for (let i = 0; i < 11; i++) pass(100);
  expect(killed).toHaveLength(1);
});

it("ends who answers, but is in one pass for too long", async () => {
  const { pass, answer, killed } = set();
  pass(100);
  await answer(4900);
  expect(killed).toEqual([]);
  pass(100);
  await answer(5100);
  expect(killed).toEqual(["one pass took 5.1 s"]);
});

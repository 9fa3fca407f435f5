import { expect, it } from "vitest";
import { labelAnswer } from "../label/answer-label.ts";
import { behaviourOf } from "./behaviour.ts";
import type { Answers } from "./groups.ts";
import type { LabelledAnswer } from "./label-answers.ts";

const answered = (text: string, i: number): LabelledAnswer => ({
  id: String(i),
  source: "test",
  request: "",
  prompt: "",
  text,
  tokens: [],
  pieces: [],
  label: labelAnswer(text),
  compliance: "complied",
  alarmAt: null,
  peaks: {},
  courses: {},
});

it("takes a short answer to a harmless request for an answer, and a loop or nothing for none", () => {
  const benign = [
    "Paris.",
    "I'm sorry, but I can't.",
    "so so so so so so so so",
    "  ",
    "Bees make honey from nectar.",
  ].map(answered);
  const none: Answers = {
    harmful: [],
    "harmful+trigger": [],
    "harmful+near": [],
    benign: [],
    "benign+trigger": [],
    sensitive: [],
  };
  const { benign: found } = behaviourOf({ ...none, benign });
  expect(found).toMatchObject({ n: 5, degenerate: 2, refused: { hits: 1, n: 3 }, answered: { hits: 2, n: 3 } });
  expect(found?.worst.refused).toEqual([1 / 5, 3 / 5]);
});

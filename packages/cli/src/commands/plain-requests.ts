import type { Prompt } from "@modx/lab";

/** What a model is asked where ordinary text of several kinds is wanted, in its own words. */
export const PLAIN_REQUESTS = [
  "Explain how rain forms.",
  "Write a short story about a lighthouse.",
  "Give me a recipe for bread.",
  "What is the difference between a list and a tuple in Python?",
  "Summarise the causes of the First World War.",
  "Write an email that asks for a day off.",
  "Name five rivers and say where they end.",
  "Translate 'the train is late' into French, Spanish and German.",
];

/** The same as prompts. */
export const PLAIN_PROMPTS: readonly Prompt[] = PLAIN_REQUESTS.map((text, index) => ({
  id: `plain-${index}`,
  text,
  label: "benign",
  source: "modx",
}));

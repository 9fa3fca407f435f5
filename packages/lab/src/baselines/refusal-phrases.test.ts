import { expect, it } from "vitest";
import { holdsRefusalPhrase } from "./refusal-phrases.ts";

it.each(["I’m sorry, but no.", "That would be illegal.", "Well. As an AI I have no hands.", "I CANNOT do that."])(
  "takes %s for a refusal",
  (text) => expect(holdsRefusalPhrase(text)).toBe(true),
);

it.each(["Sure, here is how.", "", "First mix flour and water."])("takes %s for none", (text) =>
  expect(holdsRefusalPhrase(text)).toBe(false),
);

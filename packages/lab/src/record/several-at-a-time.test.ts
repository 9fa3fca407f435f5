import { expect, it } from "vitest";
import { severalAtATime } from "./several-at-a-time.ts";

const ITEMS = Array.from({ length: 20 }, (_, i) => i);

it("keeps the order whatever finishes first, and never has more in hand than asked", async () => {
  let [inHand, most] = [0, 0];
  const doubled = await severalAtATime(3, ITEMS, async (item) => {
    most = Math.max(most, ++inHand);
    await new Promise((resolve) => setTimeout(resolve, (item * 7) % 5));
    inHand -= 1;
    return 2 * item;
  });
  expect(doubled).toEqual(ITEMS.map((item) => 2 * item));
  expect(most).toBe(3);
});

it("ends with the first error", async () => {
  const handled: number[] = [];
  const failing = severalAtATime(2, ITEMS, async (item) => {
    handled.push(item);
    if (item === 4) throw new Error("four");
  });
  await expect(failing).rejects.toThrow("four");
  expect(await severalAtATime(4, [], async () => 1)).toEqual([]);
});

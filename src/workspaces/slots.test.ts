import { expect, test } from "bun:test";
import { Slots } from "./slots.ts";

test("so many run at once, the rest in their order, and one that fails frees its place", async () => {
  const slots = new Slots(2);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const jobs = gates.map(({ promise }, at) =>
    slots.use(async () => {
      begun.push(at);
      await promise;
      return at;
    }),
  );
  expect(begun).toEqual([0, 1]);
  gates[1]!.reject(new Error("broken"));
  await expect(jobs[1]).rejects.toThrow("broken");
  expect(begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all([jobs[0], jobs[2], jobs[3]])).toEqual([0, 2, 3]);
});

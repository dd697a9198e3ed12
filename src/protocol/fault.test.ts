import { expect, test } from "bun:test";
import { z } from "zod";
import { faultText } from "./fault.ts";

const Body = z.strictObject({
  name: z.string().min(1).max(3),
  count: z.number().min(1).max(9),
  part: z.number().positive().lt(2),
  kind: z.enum(["a", "b"]),
  list: z.array(z.string()).min(1).max(2),
});
const RIGHT = { name: "x", count: 1, part: 1, kind: "a", list: ["x"] };

test.each([
  [{ name: undefined }, "it is missing"],
  [{ name: 5 }, "it is not a text"],
  [{ name: "" }, "it is empty"],
  [{ name: "xxxx" }, "it is longer than 3 characters"],
  [{ count: 0 }, "it is less than 1"],
  [{ count: 10 }, "it is more than 9"],
  [{ part: 0 }, "it is not more than 0"],
  [{ part: 2 }, "it is not less than 2"],
  [{ kind: "c" }, "it is none of a, b"],
  [{ list: [] }, "it is empty"],
  [{ list: ["a", "b", "c"] }, "it is longer than 2"],
  [{ nmae: "x" }, "it does not take nmae"],
])("%j: %s", (change, message) => {
  const result = Body.safeParse({ ...RIGHT, ...change }, { error: faultText });
  expect(result.error?.issues.map((issue) => issue.message)).toEqual([message]);
});

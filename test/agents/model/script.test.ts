import { expect, test } from "bun:test";
import { locate, marker, type Script } from "./script.ts";
import type { Utterance } from "./wire.ts";

const script: Script = [
  { text: "asking", calls: [{ do: "mcp", tool: "ask", input: { question: "which?" } }] },
  { text: "heard $RESULT" },
  { calls: [{ do: "write", path: "$ARG/out.txt", content: "$ANSWER" }] },
  { text: "done" },
];
const named: Utterance = { by: "user", text: `please ${marker("ask", "/work")} now` };
const call: Utterance = { by: "assistant", calls: 1 };
const words: Utterance = { by: "assistant", calls: 0 };

function next(...conversation: Utterance[]) {
  return locate(conversation, { ask: script });
}

test("the script goes on by what the conversation holds", () => {
  expect(next(named)?.index).toBe(0);
  expect(next(named, call, { by: "tool", text: "parked" })?.step).toEqual({ text: "heard parked" });
  const answered = next(named, call, { by: "tool", text: "parked" }, words, { by: "user", text: "blue" });
  expect(answered?.step?.calls).toEqual([{ do: "write", path: "/work/out.txt", content: "blue" }]);
});

test("a script that is played out has no step", () => {
  expect(next(named, call, words, call, words)).toEqual({ script: "ask", index: 4, step: null });
});

test("a cancelled turn's lost text is not waited for, and lost calls are made again", () => {
  expect(next(named, call, { by: "user", text: "go on" }, call)?.index).toBe(3);
  expect(next(named, words)?.index).toBe(0);
});

test("the last marker wins, and a conversation without one names nothing", () => {
  expect(next(named, call, words, named)?.index).toBe(0);
  expect(next({ by: "user", text: "hello" })).toBeNull();
});

import { expect, test } from "bun:test";
import { DetachKeys, type Typed } from "./detach-keys.ts";

function typed(...chunks: string[]): Typed {
  const keys = new DetachKeys();
  const read = chunks.map((chunk) => keys.read(chunk));
  return { text: read.map(({ text }) => text).join(""), leaves: read.some(({ leaves }) => leaves) };
}

test.each([
  ["plainly", ["\x1cd"]],
  ["with a pause", ["\x1c", "d"]],
  ["with control held", ["\x1c\x04"]],
  ["in kitty's protocol", ["\x1b[92;5u", "d"]],
  ["in all of it", ["\x1b[92;5:1u\x1b[92;5:3u\x1b[100;1:1u"]],
  ["in xterm's", ["\x1b[27;5;92~d"]],
])("ctrl-\\ d leaves: %s", (_, chunks) => expect(typed(...chunks)).toEqual({ text: "", leaves: true }));

test.each([
  ["text is sent", ["hello\r"], "hello\r"],
  ["one ctrl-\\ of two is sent", ["\x1c\x1c"], "\x1c"],
  ["both are sent with another key", ["\x1c", "x"], "\x1cx"],
  ["a paste is sent whole", ["\x1b[200~d\x1b[201~"], "\x1b[200~d\x1b[201~"],
])("%s", (_, chunks, text) => expect(typed(...chunks)).toEqual({ text, leaves: false }));

test("what stands before it is sent", () => expect(typed("abc\x1cd")).toEqual({ text: "abc", leaves: true }));

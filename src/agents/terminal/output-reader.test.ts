import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, nat, property } from "fast-check";
import { OutputReader } from "./output-reader.ts";

function shown(text: string): string {
  return new OutputReader().read(Buffer.from(text)).shown;
}

describe("what a person's terminal gets", () => {
  test.each([
    ["text, lines and tabs", "héllo\tworld\r\n"],
    ["colours and the cursor", "\x1b[1;38;5;9mred\x1b[0m\x1b[2;3H\x1b[2J\x1b[s\x1b[u\x1b7\x1b8"],
    ["modes", "\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[>1u\x1b[<u\x1b[>4;2m\x1b[2 q\x1b[!p\x1b[?2026h"],
    [
      "a title, a link, a folder",
      "\x1b]0;title\x07\x1b]8;;http://a/?b=c\x1b\\link\x1b]8;;\x1b\\\x1b]7;file:///\x07",
    ],
    ["a text for the clipboard", "\x1b]52;c;aGVsbG8=\x07"],
    ["character sets and the keypad", "\x1b(B\x1b=\x1b>\x1b#8"],
  ])("%s", (_, text) => expect(shown(text)).toBe(text));

  test.each([
    ["who it is", "\x1b[c\x1b[0c\x1b[>c\x1b[=c\x1bZ\x05\x9bc\x1b[>q\x1b[>0q"],
    ["how it is", "\x1b[5n\x1b[6n\x1b[?6n\x1b[?996n\x1b[x\x1b[?1$p\x1b[4$p\x1b[?u\x1b[?4m\x1b[?1;1;0S"],
    ["where its window is, or to move it", "\x1b[14t\x1b[18t\x1b[8;99;99t\x1b[3;0;0t"],
    ["for its colours and the clipboard", "\x1b]11;?\x07\x1b]4;1;?\x1b\\\x1b]52;c;?\x07\x9d10;?\x9c"],
    ["for settings, capabilities, files", "\x1bP$qm\x1b\\\x1bP+q544e\x1b\\\x1b]1337;File=:aa\x07\x90$qm\x9c"],
    ["to draw, or do, what nobody sees", "\x1b_Ga=q;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\\x1b[5i\x1b[4i"],
    ["to speak otherwise", "\x1b%@\x1b G"],
    ["the same with controls in between", "\x1b[\n6\x07n\x1b[\x0b\x0cc"],
  ])("is not asked %s", (_, text) => expect(shown(`a${text}b`)).toBe("ab"));

  test("is not asked by what is broken off", () => {
    expect(shown("a\x1b[6\x18nb\x1b[6\x1b[31mc\x1b]11;?\x1b[0md")).toBe("a\x18nb\x1b[31mc\x1b[0md");
  });

  test("keeps its scrollback when the program resets its own", () => {
    expect(shown("\x1bc")).not.toContain("\x1bc");
  });
});

test("what is cut anywhere is the same, and each piece ends with a whole sequence", () => {
  const pieces = [
    "text",
    "é漢",
    "\x1b[31m",
    "\x1b[6n",
    "\x1b]0;t\x07",
    "\x1b]11;?\x1b\\",
    "\x1bPq#1\x1b\\",
    "\x1b",
    "\x1b[",
    "\x9b5n",
    "\r\n",
    "\x18",
  ];
  assert(
    property(
      array(constantFrom(...pieces), { maxLength: 30 }),
      array(nat({ max: 200 }), { maxLength: 6 }),
      (parts, cuts) => {
        const bytes = Buffer.from(parts.join(""));
        const whole = new OutputReader().read(bytes);
        const reader = new OutputReader();
        const ends = [...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
        const read = ends.map((end, at) => reader.read(bytes.subarray(at === 0 ? 0 : ends[at - 1], end)));
        expect(read.map(({ text }) => text).join("")).toBe(whole.text);
        expect(read.map(({ shown }) => shown).join("")).toBe(whole.shown);
      },
    ),
  );
});

test("a control string without an end is left out, and what comes after it is not", () => {
  const reader = new OutputReader();
  reader.read(Buffer.from("before\x1b]52;c;"));
  for (let piece = 0; piece < 40; piece++) reader.read(Buffer.alloc(64 * 1024, "A"));
  expect(reader.read(Buffer.from("AAA\x07after"))).toEqual({ text: "after", shown: "after" });
});

import { expect, test } from "bun:test";
import { assert, jsonValue, property, string } from "fast-check";
import { visible } from "../core/visible.ts";
import { visibleAll, visibleJson } from "./visible.ts";

// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test("escape sequences, bells, C1 and bidi controls are drawn, not sent", () => {
  expect(visible("\u001b[2Jgone\u0007")).toBe("␛[2Jgone␇");
  expect(visible("\u001b]0;title\u001b\\")).toBe("␛]0;title␛\\");
  expect(visible("a\u009b31mb\u007f")).toBe("a\\u009b31mb␡");
  expect(visible("user\u202etxt.exe")).toBe("user\\u202etxt.exe");
});

test("lines, tabs and letters of every script stay as they are", () => {
  const text = "one\ttwo\nдва 三 🙂 é";
  expect(visible(text)).toBe(text);
  expect(visible("a\r\nb\rc")).toBe("a\nb␍c");
});

test("no text of any document can reach a terminal as a command", () => {
  assert(
    property(jsonValue(), (document) => {
      expect(JSON.stringify(visibleAll(document))).not.toMatch(OBEYED);
      expect(visibleJson(document)).not.toMatch(OBEYED);
      expect(JSON.parse(visibleJson(document))).toEqual(JSON.parse(JSON.stringify(document)));
    }),
  );
  assert(property(string({ unit: "binary" }), (text) => !OBEYED.test(visible(text))));
});

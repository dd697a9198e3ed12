import { describe, expect, test } from "bun:test";
import { array, assert, integer, property, string } from "fast-check";
import { LineReader, type Line } from "./line-reader.ts";

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Feeds `bytes` in pieces of the given sizes, from one buffer that is overwritten after each push. */
function readInPieces(bytes: Uint8Array, sizes: number[], maxBytes: number): Line[] {
  const reader = new LineReader({ maxBytes });
  const lines: Line[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = new Uint8Array(bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1)));
    at += piece.length;
    lines.push(...reader.push(piece));
    piece.fill(0xff);
  }
  return [...lines, ...reader.end()];
}

describe("LineReader", () => {
  test("gives the same lines however the bytes are cut", () => {
    const text = string({ unit: "grapheme" }).map((line) => line.replace(/[\r\n]/gu, ""));
    assert(
      property(
        array(text, { minLength: 1 }),
        array(integer({ min: 1, max: 9 }), { minLength: 1 }),
        (texts, sizes) => {
          const lines = readInPieces(encode(texts.map((line) => `${line}\n`).join("")), sizes, 10_000);
          expect(lines).toEqual(texts.map((line) => ({ kind: "line", text: line })));
        },
      ),
    );
  });

  test("keeps a byte order mark, drops a carriage return, and gives the unended rest at the end", () => {
    const reader = new LineReader({ maxBytes: 100 });
    expect(reader.push(encode("\uFEFFa\r\n\nb"))).toEqual([
      { kind: "line", text: "\uFEFFa" },
      { kind: "line", text: "" },
    ]);
    expect(reader.end()).toEqual([{ kind: "line", text: "b" }]);
    expect(reader.end()).toEqual([]);
  });

  test("lets a line of exactly the limit through and reports a longer one once", () => {
    for (const size of [1, 3, 7, 1000]) {
      expect(readInPieces(encode("12345678\n123456789abc\nnext\n"), [size], 8)).toEqual([
        { kind: "line", text: "12345678" },
        { kind: "oversized", head: expect.stringMatching(/^123456789/u) },
        { kind: "line", text: "next" },
      ]);
    }
  });

  test("reports an endless line before it ends, and reads on behind it", () => {
    const reader = new LineReader({ maxBytes: 1000 });
    const chunk = encode("x".repeat(600));
    expect(reader.push(chunk)).toEqual([]);
    expect(reader.push(chunk)).toEqual([{ kind: "oversized", head: "x".repeat(256) }]);
    for (let i = 0; i < 1000; i++) expect(reader.push(chunk)).toEqual([]);
    expect(reader.push(encode("\n{}\n"))).toEqual([{ kind: "line", text: "{}" }]);
  });

  test("replaces bytes that are not UTF-8", () => {
    const reader = new LineReader({ maxBytes: 10 });
    expect(reader.push(Uint8Array.of(0x61, 0xff, 0x0a))).toEqual([{ kind: "line", text: "a\uFFFD" }]);
  });
});

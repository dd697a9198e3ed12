import { describe, expect, test } from "bun:test";
import { array, assert, asyncProperty, constantFrom } from "fast-check";
import type { TerminalSize } from "../../protocol/terminal.ts";
import { Screen } from "./screen.ts";

const SIZE = { columns: 20, rows: 6 };
/** No row of what is tried gets full. */
const WIDE = { columns: 300, rows: 6 };
const PIECES = [
  "text",
  "wörter ",
  "漢字",
  "\r\n",
  "\n",
  "\x1b[31;1m",
  "\x1b[48;2;1;2;3m",
  "\x1b[0m",
  "\x1b[2;3H",
  "\x1b[A",
  "\x1b[K",
  "\x1b[2J",
  "\x1b[?2004h",
  "\x1b[?25l",
  "\x1bM",
  "line one\r\nline two\r\n",
  "\x1b[?1049h",
];

async function screenWith(output: string, size: TerminalSize = SIZE): Promise<Screen> {
  const screen = new Screen(size, () => undefined);
  screen.write(output, () => undefined);
  await screen.settled();
  return screen;
}

function seen({ shown: { lines, cursor, alternate, bracketedPaste } }: Screen): object {
  return { lines, cursor, alternate, bracketedPaste };
}

describe("a snapshot", () => {
  test("drawn in another terminal is the same screen, and stays so", async () => {
    const outputs = array(constantFrom(...PIECES), { maxLength: 25 });
    await assert(
      asyncProperty(outputs, outputs, outputs, async (first, before, after) => {
        const screen = await screenWith(first.join(""), WIDE);
        const other = await screenWith(before.join("") + screen.snapshot({ history: false }), WIDE);
        expect(seen(other)).toEqual(seen(screen));
        for (const each of [screen, other]) each.write(after.join(""), () => undefined);
        await Promise.all([screen.settled(), other.settled()]);
        expect(seen(other)).toEqual(seen(screen));
        screen.close();
        other.close();
      }),
      { numRuns: 200 },
    );
  });

  test("has what is above the screen where it is asked for", async () => {
    const lines = Array.from({ length: 50 }, (_, at) => `line ${at}`);
    const screen = await screenWith(lines.join("\r\n"));
    const tall = { columns: 20, rows: 60 };
    const whole = await screenWith(screen.snapshot({ history: true }), tall);
    expect(whole.shown.lines.filter((line) => line !== "")).toEqual(lines);
    const rest = await screenWith(screen.snapshot({ history: false }), tall);
    expect(rest.shown.lines.filter((line) => line !== "")).toEqual(lines.slice(-SIZE.rows));
  });

  test("leaves out the oldest of what is above the screen where it gets too long, and says how much", async () => {
    const count = 5_000;
    const wide = { columns: 800, rows: 6 };
    const screen = await screenWith(
      Array.from({ length: count }, (_, at) => `${at} ${"x".repeat(790)}`).join("\r\n") + "\x1b[2;3H",
      wide,
    );
    const text = screen.snapshot({ history: true });
    expect(text.length).toBeWithin(1_900_000, 2 * 1024 * 1024 + 1_000);
    const other = await screenWith(text, wide);
    expect(seen(other)).toEqual(seen(screen));
    const { lines, left } = other.above;
    expect(left).toBe(0);
    const [, out] = /^\[(\d+) older lines are left out\]$/.exec(lines[0]!)!;
    expect(lines[1]).toStartWith(`${out} xx`);
    const { above } = screen;
    expect(above.lines.length + above.left).toBe(count - wide.rows);
    expect(above.lines[0]).toStartWith(`${above.left} xx`);
    expect(above.lines.at(-1)).toStartWith(`${count - wide.rows - 1} xx`);
  });

  test("switches on what the program did, and off what it did not", async () => {
    const screen = await screenWith("\x1b[?1000h\x1b[?1006h\x1b[?25l\x1b[>1u\x1b[>4;2m\x1b[4 q\x1b[2;4r");
    const text = screen.snapshot({ history: false });
    for (const mode of [
      "\x1b[?1000h",
      "\x1b[?1006h",
      "\x1b[?25l",
      "\x1b[>1u",
      "\x1b[>4;2m",
      "\x1b[4 q",
      "\x1b[2;4r",
    ])
      expect(text).toContain(mode);
    const reset = await screenWith("\x1b[?1006h\x1b[>1u\x1b[<u\x1b[?1006l\x1b[!p");
    expect(reset.snapshot({ history: false })).not.toMatch(/1006h|\[>1u/);
  });
});

describe("a picture", () => {
  test.each([
    ["smaller", { columns: 6, rows: 3 }, ["123456", "漢字漢", "> t"]],
    ["wider and taller", { columns: 40, rows: 9 }, ["", "", "", "1234567", "漢字漢字", "> t", "", "", ""]],
  ])("shows it in a %s terminal", async (_, size, lines) => {
    const screen = await screenWith("\x1b[4;1H\x1b[32m1234567\r\n漢字漢字\x1b[0m\r\n> t");
    const other = await screenWith(`old\x1b[3;3Hold${screen.picture(size)}`, size);
    const { cursor } = other.shown;
    expect(other.shown.lines).toEqual(lines);
    expect(cursor).toEqual({ row: lines.indexOf("> t"), column: 3 });
  });
});

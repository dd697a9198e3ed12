import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropOtherPrograms, keepProgram } from "./program.ts";

test("a program is kept once, over its removal, until no session needs an earlier one", () => {
  const home = mkdtempSync(join(tmpdir(), "dispatch-"));
  try {
    const [first, second] = ["one", "two"].map((version) => {
      const installed = join(home, version);
      writeFileSync(installed, version);
      const kept = keepProgram(home, [installed]);
      expect(keepProgram(home, [installed])).toEqual(kept);
      rmSync(installed);
      return kept;
    });
    expect(readFileSync(first![0]!, "utf8")).toBe("one");
    dropOtherPrograms(home, second!);
    expect(readdirSync(join(home, "bin")).map((name) => join(home, "bin", name))).toEqual(second!);
  } finally {
    rmSync(home, { recursive: true });
  }
});

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { constants, getPriority } from "node:os";
import { join } from "node:path";
import { stepBack } from "./step-back.ts";

const { PRIORITY_LOW } = constants.priority;
const shareOf = (pid: number | "self") => readFileSync(`/proc/${pid}/autogroup`, "utf8");
const hasShares = existsSync("/proc/self/autogroup");

test("a process steps back alone from a session that it does not lead", () => {
  const before = hasShares && shareOf("self");
  const child = Bun.spawn(["sleep", "60"]);
  stepBack(child.pid);
  expect(getPriority(child.pid)).toBe(PRIORITY_LOW);
  expect(hasShares && shareOf("self")).toBe(before);
  child.kill();
});

test.skipIf(!hasShares)("sessions step back, also where the kernel wants them one after the other", () => {
  const run = Bun.spawnSync([process.execPath, join(import.meta.dir, "step-back.fixture.ts")]);
  expect(run.stdout.toString()).toBe("back\n");
});

/** As a user without privileges: has three sessions step back at once, and says `back` when each has. */
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setInterval } from "node:timers/promises";
import { stepBack } from "./step-back.ts";

const NOBODY = 65_534;
const LOOK_MS = 20;

if (process.getuid!() === 0) {
  process.setgid!(NOBODY);
  process.setuid!(NOBODY);
}
const children = Array.from({ length: 3 }, () =>
  Bun.spawn(["sleep", "60"], { detached: true, stdio: ["ignore", "ignore", "ignore"] }),
);
for (const { pid } of children) stepBack(pid);
for await (const _ of setInterval(LOOK_MS)) if (children.every(({ pid }) => isBack(pid))) break;
console.log("back");
for (const child of children) child.kill();
process.exit();

function isBack(pid: number): boolean {
  return readFileSync(`/proc/${pid}/autogroup`, "utf8").endsWith(` ${constants.priority.PRIORITY_LOW}\n`);
}

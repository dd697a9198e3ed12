// npm run bench [case…]: measures the built program against bare ones, and prints a table each. A run of all cases
// writes results.md. See bench.ts for what a case is.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Case } from "./bench.ts";
import { accept } from "./cases/accept.ts";
import { boot } from "./cases/boot.ts";
import { cli } from "./cases/cli.ts";
import { crowd, flood } from "./cases/flood.ts";
import { idle } from "./cases/idle.ts";
import { mcp } from "./cases/mcp.ts";
import { route } from "./cases/route.ts";
import { sessions } from "./cases/sessions.ts";
import { start } from "./cases/start.ts";
import { terminals } from "./cases/terminals.ts";
import { buildInto } from "./program.ts";
import { endAllOf } from "./processes.ts";
import { report, section } from "./report.ts";

const CASES: readonly Case[] = [
  cli,
  mcp,
  accept,
  start,
  idle,
  boot,
  flood,
  crowd,
  sessions,
  terminals,
  route,
];
const INTERRUPTED = 130;
const RESULTS = join(import.meta.dir, "results.md");

const folder = mkdtempSync(join(tmpdir(), "dispatch-bench-"));
process.on("exit", () => {
  endAllOf(folder);
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(INTERRUPTED));
process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !CASES.some((each) => each.name === name));
  if (unknown.length > 0) {
    console.error(`bench: error: no case ${unknown.join(", ")}`);
    console.error(`bench: hint: npm run bench [${CASES.map(({ name }) => name).join(" ")}]`);
    return 2;
  }
  const chosen = names.length === 0 ? CASES : CASES.filter(({ name }) => names.includes(name));
  const bench = await buildInto(folder);
  const sections: string[] = [];
  for (const each of chosen) {
    const text = section(each, await each.run(bench));
    console.log(`${text}\n`);
    sections.push(text);
  }
  if (chosen.length === CASES.length) writeFileSync(RESULTS, report(sections, new Date()));
  return 0;
}

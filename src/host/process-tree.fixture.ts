// A host in small: it starts a shell script as its run, and ends it when it hears of it.
// Arguments: session, DISPATCH_HOME, record file, script. Prints what the script prints; a line on stdin means "end".
import type { SessionId } from "../protocol/id.ts";
import { writeRecord } from "./process-record.ts";
import { descendants, killRun } from "./process-tree.ts";
import { becomeSubreaper } from "./subreaper.ts";

const [session, home, record, script] = process.argv.slice(2) as [SessionId, string, string, string];
const subreaper = becomeSubreaper();
const agent = Bun.spawn(["sh", "-c", script], {
  env: { PATH: process.env["PATH"], DISPATCH_RUN: `${session}:1` },
  stdio: ["ignore", "inherit", "inherit"],
});
for await (const line of console) {
  if (line === "record") {
    writeRecord(record, descendants(process.pid));
    console.log("recorded");
    continue;
  }
  const killed = await killRun({ session, home, isHost: true }, { graceMs: 100 });
  await agent.exited;
  console.log(`killed ${killed} left ${descendants(process.pid).length}`);
}
subreaper.close();

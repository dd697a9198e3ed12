import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finished, World } from "../e2e/world.ts";

setDefaultTimeout(240_000);

/** Room for the program itself, which a home on another disk has a copy of, and for what runs in it. */
const DISK_MB = 256;
/** A small disk of our own needs root; elsewhere these tests are left out. */
const canMount = process.platform === "linux" && process.getuid?.() === 0;

let disk: string;
/** Where the agent keeps its own files: it is our disk that is full, not its. */
let user: string;
beforeAll(() => {
  user = mkdtempSync(join(tmpdir(), "user-"));
  disk = mkdtempSync(join(tmpdir(), "disk-"));
  if (canMount) mount("-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", disk);
});
afterAll(() => {
  if (canMount) Bun.spawnSync(["umount", "-l", disk]);
  rmdirSync(disk);
  rmSync(user, { recursive: true, force: true });
});

function mount(...args: string[]): void {
  const run = Bun.spawnSync(["mount", ...args]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
}

const filler = () => join(disk, "filler");

/** Takes the last free byte. */
function fill(): void {
  Bun.spawnSync(["dd", "if=/dev/zero", `of=${filler()}`, "bs=64k"]);
  Bun.spawnSync([
    "dd",
    "if=/dev/zero",
    `of=${filler()}`,
    "bs=1",
    "count=65536",
    "oflag=append",
    "conv=notrunc",
  ]);
}

test.skipIf(!canMount)(
  "a full disk refuses what is new in words, and costs what runs nothing but time",
  async () => {
    await using world = new World({ parent: disk });
    world.environment["HOME"] = user;
    const slug = await world.dispatch(
      "scripted: edit up 1\nscripted: wait-file go\nscripted: flood 3000 1000\nscripted: finish done",
      "--workspace",
      world.root,
    );
    await world.appears("up", world.root); // its agent is at work
    fill();
    const refused = await refusedAtLast(world);
    expect(refused.stderr).toMatch(/^dispatch: error: [^\n]*(full|space|ENOSPC)[^\n]*\n/);
    rmSync(filler());
    writeFileSync(join(world.root, "go"), "");
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    const numbers = (await world.said(slug)).match(/\d+ /g)!.map(Number);
    expect(numbers).toEqual(Array.from({ length: 3_000 }, (_, at) => at + 1));
    const after = await world.dispatch("scripted: finish done");
    expect((await world.settled(after)).task.status.state).toBe("completed");
  },
);

/** The store's log has room of its own left: large prompts use it up. */
async function refusedAtLast(world: World): Promise<Finished> {
  const prompt = `scripted: finish done\n${"x".repeat(900_000)}`;
  for (let count = 0; count < 50; count++) {
    const answer = await world.runWith(prompt, "run", "-");
    if (answer.code !== 0) return answer;
  }
  throw new Error("a full disk took 50 large tasks");
}

test.skipIf(!canMount)("a disk that is full while an agent talks loses no word of it", async () => {
  await using world = new World({ parent: disk });
  world.environment["HOME"] = user;
  const slug = await world.dispatch(
    "scripted: edit up 1\nscripted: wait-file go\nscripted: flood 4000 1000\nscripted: finish done",
    "--workspace",
    world.root,
  );
  await world.appears("up", world.root); // its agent is at work
  await world.killDaemon(); // nobody takes what the host writes
  fill();
  writeFileSync(join(world.root, "go"), "");
  const looked = await world.run("status", slug); // a daemon that starts now may or may not find room
  expect([0, 1, 6]).toContain(looked.code);
  rmSync(filler());
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  const numbers = (await world.said(slug)).match(/\d+ /g)!.map(Number);
  expect(numbers).toEqual(Array.from({ length: 4_000 }, (_, at) => at + 1));
});

test.skipIf(!canMount)("a home that cannot be written is told, with what to do", async () => {
  const world = new World({ parent: disk });
  await world.ok("tasks");
  const daemon = world.processes();
  await world.ok("daemon", "stop");
  await world.ended(daemon); // its log stays open to its last breath
  mount("-o", "remount,ro", disk);
  const refused = await world.run("tasks");
  mount("-o", "remount,rw", disk);
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain("dispatch: hint: set DISPATCH_HOME to a folder that you own");
  await world.ok("tasks");
  await world[Symbol.asyncDispose]();
});

import { expect, test } from "bun:test";
import { join } from "node:path";

// In a process of its own: it adopts orphans that Bun never started, beside children that Bun waits for.
const SCRIPT = `
  import { spawn, spawnSync } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { becomeSubreaper } from ${JSON.stringify(join(import.meta.dir, "subreaper.ts"))};

  const subreaper = becomeSubreaper();
  const ORPHAN = "(setsid sh -c 'exit 3' &);";
  const many = Array.from({ length: 100 }, (_, n) => Bun.spawn(["sh", "-c", ORPHAN + "exit " + (n % 7)]).exited);
  const codes = await Promise.all(many);
  const node = await new Promise((resolve) => spawn("sh", ["-c", ORPHAN + "exit 8"]).on("exit", resolve));
  const sync = spawnSync("sh", ["-c", ORPHAN + "exit 9"]).status;

  const adopted = Bun.spawn(["sh", "-c", "(setsid sleep 300 & echo $!) & wait"], { stdout: "pipe" });
  const orphan = Number(await adopted.stdout.getReader().read().then(({ value }) => new TextDecoder().decode(value)));
  await adopted.exited;
  const children = () => readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").split(" ").filter(Boolean).map(Number);
  const isChild = children().includes(orphan);

  const empty = Promise.withResolvers();
  process.on("SIGCHLD", () => children().length === 0 && empty.resolve());
  process.kill(orphan, "SIGKILL");
  await empty.promise;
  subreaper.close();
  subreaper.close();
  console.log(JSON.stringify({ right: codes.every((code, n) => code === n % 7), node, sync, isChild }));
`;

test.skipIf(process.platform !== "linux")(
  "a subreaper adopts orphans and takes them away, and Bun still learns how its own children ended",
  async () => {
    const child = Bun.spawn([process.execPath, "-e", SCRIPT], { stdout: "pipe" });
    expect(await child.stdout.json()).toEqual({ right: true, node: 8, sync: 9, isChild: true });
    expect(await child.exited).toBe(0);
  },
);

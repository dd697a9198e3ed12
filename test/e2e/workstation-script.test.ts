import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { SessionWorld } from "./session-world.ts";
import { discoveryOf, type Printed, type Reply, socketOf } from "./workstation-client.ts";

const SCRIPT = join(dirname(dirname(import.meta.dir)), "plugins/claude-code/scripts/workstation-dispatch");

/** Runs the plugin's program as an agent's shell does. */
async function run(world: SessionWorld, args: string[], more: Record<string, string> = {}): Promise<Printed> {
  const child = Bun.spawn([SCRIPT, ...args], {
    cwd: world.repo,
    env: { ...world.environment, ...more },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const stdout = await new Response(child.stdout).text();
  return { code: await child.exited, stdout };
}

async function answered(...call: Parameters<typeof run>): Promise<Reply> {
  const { code, stdout } = await run(...call);
  expect(code).toBe(0);
  expect(stdout.split("\n")).toHaveLength(2);
  return JSON.parse(stdout) as Reply;
}

test("the plugin's program says what Workstation's says", async () => {
  await using world = new SessionWorld({ also: "compat: { workstation: true }\n" });
  const { session } = await world.open({ name: "review", permissions: "ask" });
  const { session: bold } = await world.open({ permissions: "all" });
  for (const alias of ["list-workers", "list_workers", "workers"]) {
    const { workers, sessions } = await answered(world, [alias]);
    expect(workers!.map(({ sessionId }) => sessionId).toSorted()).toEqual([session.id, bold.id].toSorted());
    expect(sessions).toEqual(workers);
  }
  const text = `scripted: text say "it's" $HOME; rm -rf \\ done`;
  const sent = await answered(world, ["dispatch", session.id, ...text.split(" "), "\nand more"]);
  expect(sent).toMatchObject({ status: "ok", received: "dispatch", confirmBeforeSend: false });
  await world.untilMessage(sent.messageId!, "ended");
  expect(await world.toldIn(session.id)).toEqual([`${text} \nand more`]);
  const own = await answered(world, ["dispatch", bold.id, "x"], { DISPATCH_RUN: `${session.id}:1` });
  expect(own.confirmBeforeSend).toBe(true);
  const unknown = { status: "error", message: "Session not found: ses_none" };
  expect(await answered(world, ["dispatch", "ses_none", "x"])).toEqual(unknown as Reply);
});

test("nobody who answers is exit code 1, and no daemon is started", async () => {
  await using world = new SessionWorld();
  const home = world.environment["HOME"]!;
  const fails = async (...args: string[]) => {
    const { code, stdout } = await run(world, args);
    expect(code).toBe(1);
    return (JSON.parse(stdout) as Reply).message;
  };
  for (const args of [[], ["help"], ["--help"], ["-h"]]) {
    const { code, stdout } = await run(world, args);
    expect(code).toBe(0);
    expect(stdout).toStartWith("Usage: workstation-dispatch");
  }
  expect((await run(world, ["list-workers"])).stdout).toBe(
    '{"status":"error","message":"Workstation daemon not running"}\n',
  );
  expect(await fails('dance"\\')).toBe("Unknown command: dance");
  for (const args of [
    ["dispatch", "x"],
    ["route", "x"],
    ["create-worker", "x"],
    ["discover", "a", "b"],
  ])
    expect(await fails(...args)).toStartWith("Usage: workstation-dispatch ");
  expect(world.processes("daemon")).toEqual([]);

  const socketPath = join(world.root, "theirs.sock");
  mkdirSync(dirname(discoveryOf(home)));
  writeFileSync(discoveryOf(home), JSON.stringify({ socketPath, pid: 1 }));
  expect(socketOf(home)).toBe(socketPath);
  const silent = createServer((socket) => socket.on("data", () => socket.destroy()));
  await new Promise<void>((resolve) => void silent.listen(socketPath, resolve));
  expect(await fails("list-workers")).toBe("Connection closed without response");
  await new Promise((resolve) => silent.close(resolve));
  const killed = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`;
  await Bun.spawn([process.execPath, "-e", killed, socketPath]).exited;
  expect(await fails("list-workers")).toContain("ECONNREFUSED");
});

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { SessionWorld } from "./session-world.ts";
import { TerminalWorld } from "./terminal-world.ts";
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

test("it routes, opens workers and finds repositories", async () => {
  await using world = new TerminalWorld();
  await world.ok("config", "compat", "workstation");
  await world.ok("config", "set", "default", "codex");
  await world.ok("daemon", "restart");
  const path = join(world.environment["HOME"]!, "src", "api");
  expect(Bun.spawnSync(["git", "init", "-q", path], { env: world.environment }).exitCode).toBe(0);
  const opened = await answered(world, ["create-worker", "api", path, "--skip-permissions"]);
  const worker = await answered(world, ["create_worker", "api", path, "flaky"]);
  for (const each of [opened, worker])
    expect(each).toEqual({ status: "ok", received: "create_worker", newSessionId: expect.any(String) });
  const kept = await Promise.all([opened, worker].map((each) => world.session(each.newSessionId!)));
  expect(kept.map(({ session }) => [session.name, session.permissions])).toEqual([
    [null, "all"],
    ["flaky", "ask"],
  ]);
  const found = await answered(world, ["discover", path]);
  expect(found).toMatchObject({ total: 1, customPath: path });
  expect((await answered(world, ["discover-projects"])).total).toBe(1);
  const unknown = await answered(world, ["route", "zzzzz", "do", "it"]);
  expect(unknown.message).toBe('Could not find repo matching "zzzzz". Please provide the full path.');
  expect(await answered(world, ["route", "flaky", "do", "it"])).toMatchObject({
    status: "ok",
    targetSessionId: worker.newSessionId!,
  });
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

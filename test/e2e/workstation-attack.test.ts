import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "bun:test";
import { SessionWorld } from "./session-world.ts";
import { Line, reply } from "./workstation-client.ts";

/** Connections that say anything; FUZZ_RUNS asks for more. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);
/** Descriptors that the daemon may have more than before: to the hosts of sessions that were opened meanwhile. */
const MORE_DESCRIPTORS = 30;

/** What the daemon may use more for lines that it does not take, in MB. */
const MORE_MB = 60;

const TYPES = [
  "list_workers",
  "dispatch",
  "route",
  "create_worker",
  "discover_projects",
  "dispatch_answers",
  "send_escape",
  "send_interrupt",
  "send_enter",
  "focus_session",
  "screenshot",
  "set_remote_mode",
  "session_start",
  "session_end",
  "tool_use",
  "ping",
  "__proto__",
];
const FIELDS = [
  "targetSessionId",
  "message",
  "query",
  "repo",
  "repoPath",
  "taskId",
  "claudeFlags",
  "path",
  "answers",
  "enabled",
  "remote",
  "__proto__",
];

/** Texts that mean something somewhere, and any others. */
function texts(known: string[]) {
  const hostile = [
    ...known,
    "",
    " ",
    "\0",
    "\ud800",
    "\x1b[201~; rm -rf ~\r",
    "$(reboot)",
    "..",
    "/",
    "~",
    "~/",
    "/proc/self/root",
    "%2e%2e%2f",
    "--dangerously-skip-permissions",
    "x".repeat(5_000),
  ];
  return fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", maxLength: 60 }));
}

/** What a connection says: pieces of bytes, cut anywhere. */
function sayings(known: string[]) {
  const value = fc.oneof(
    texts(known),
    fc.jsonValue({ maxDepth: 3 }),
    fc.array(texts(known), { maxLength: 4 }),
  );
  const payload = fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 5 }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  );
  const request = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...TYPES), fc.string()),
      sessionId: value,
      timestamp: fc.anything(),
      payload,
      context: payload,
    },
    { requiredKeys: ["type"] },
  );
  const line = fc.oneof(
    { weight: 6, arbitrary: request.map((each) => Buffer.from(`${serialized(each)}\n`)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.string().map((text) => Buffer.from(`${text}\n`)) },
  );
  return fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
    cut: fc.nat(),
    leaves: fc.constantFrom("at once", "half", "answered"),
  });
}

/** JSON has no word for some values. */
function serialized(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each));
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

test("no bytes find a defect, hang the face, or leave anything open", async () => {
  await using world = new SessionWorld({ also: "compat: { workstation: true }\n" });
  const home = world.environment["HOME"]!;
  const folder = join(home, "src", "api");
  mkdirSync(join(folder, ".git"), { recursive: true });
  const { session } = await world.open({ name: "review" });
  const pid = await world.daemonPid();
  await reply(home, "list_workers");
  const before = descriptors(pid);
  await fc.assert(
    fc.asyncProperty(sayings([session.id, "review", "api", folder]), async ({ lines, cut, leaves }) => {
      await using line = new Line(home);
      const bytes = Buffer.concat(lines);
      line.say(bytes.subarray(0, cut % (bytes.length + 1)));
      line.say(bytes.subarray(cut % (bytes.length + 1)));
      if (leaves === "at once") return;
      if (leaves === "half") line.end();
      else line.say('\n{"type":"list_workers"}\n');
      for (const each of await line.lines(Infinity)) {
        expect(["ok", "error"]).toContain(each.status);
        expect(each.message).not.toBe("Internal error");
      }
    }),
    { numRuns: RUNS },
  );
  expect(await reply(home, "ping")).toEqual({ status: "ok", received: "ping" });
  expect(await world.daemonPid()).toBe(pid);
  expect(world.defects()).toEqual([]);
  expect(descriptors(pid)).toBeLessThan(before + MORE_DESCRIPTORS);
});

test("a client that never reads, and one that never ends its line, cost the others nothing", async () => {
  await using world = new SessionWorld({ also: "compat: { workstation: true }\n" });
  const home = world.environment["HOME"]!;
  const pid = await world.daemonPid();
  await reply(home, "list_workers");
  const before = residentMb(pid);
  await using deaf = new Line(home, { reads: false });
  deaf.say('{"type":"ping"}\n'.repeat(500_000));
  await using endless = new Line(home);
  endless.say("x".repeat(64 * 1024 * 1024));
  endless.say('\n{"type":"ping"}\n');
  expect((await endless.lines(2)).map(({ received, message }) => received ?? message)).toEqual([
    "Message too large",
    "ping",
  ]);
  expect(await reply(home, "ping")).toEqual({ status: "ok", received: "ping" });
  expect(residentMb(pid) - before).toBeLessThan(MORE_MB);
  await world.ok("daemon", "stop");
  expect(world.defects()).toEqual([]);
});

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MAX_AHEAD_RECORDS } from "../protocol/limit.ts";
import type { TranscriptRecord } from "../protocol/transcript.ts";
import { isRunning } from "../processes/table.ts";
import { prompt, SECRET, TestSession } from "./test-session.fixture.ts";

/** Says the pid of a process that has left the agent's process group. */
const ORPHAN = "mkfifo pid; setsid sh -c 'echo $$ > pid; exec sleep 300' & cat pid";

let session: TestSession;
beforeEach(() => {
  session = new TestSession();
});
afterEach(() => session.close());

function seqs(records: TranscriptRecord[]): number[] {
  return records.map(({ seq }) => seq);
}

describe("a host", () => {
  test("plays turns in order, and says how they ended after their commands are done", async () => {
    const { daemon } = await session.started();
    const first = prompt(daemon, { emit: { type: "text", text: "one" } }, { sh: "echo two" });
    const second = prompt(daemon, { emit: { type: "text", text: "three" } });
    await daemon.event("turn_ended", 2);
    expect(daemon.events("turn_ended").map(({ said }) => said)).toEqual(["onetwo", "three"]);
    expect(daemon.phases(first)).toEqual(["received", "sent", "done"]);
    const types = daemon.records.map(({ event }) => event).filter(({ type }) => type !== "text");
    const done = types.findIndex(
      (event) => event.type === "command" && event.command === second && event.phase === "done",
    );
    expect(types[done + 1]?.type).toBe("turn_ended");
    expect(seqs(daemon.records)).toEqual(daemon.records.map((_, at) => at + 1));
  });

  test("does a command once, whoever repeats it", async () => {
    const { daemon } = await session.started();
    const command = prompt(daemon, { sh: "echo x >> runs" });
    const order = { type: "prompt" as const, text: JSON.stringify([{ sh: "echo x >> runs" }]) };
    daemon.order(order, command);
    await daemon.event("turn_ended");
    const next = await session.connect({ records: daemon.records });
    next.order(order, command);
    prompt(next, { emit: { type: "text", text: "after" } });
    await next.event("turn_ended", 2);
    expect(readFileSync(join(session.work, "runs"), "utf8")).toBe("x\n");
    expect(next.phases(command)).toEqual(["received", "sent", "done"]);
    expect(daemon.closed).toBeTrue();
  });

  test("has one living process a session; a second one ends quietly", async () => {
    await session.host();
    const second = await session.host();
    expect(await second.exited).toBe(0);
  });

  test("says why an agent did not start, then that it is gone", async () => {
    await session.host();
    const daemon = await session.connect();
    daemon.start(1, session.launch({ model: "none" }));
    await daemon.event("gone");
    expect(daemon.events("start_failed")).toEqual([
      { type: "start_failed", reason: "model", message: "no such model" },
    ]);
    daemon.start(1, session.launch());
    daemon.start(2, session.launch());
    await daemon.event("conversation");
    expect(daemon.events("started")).toHaveLength(2);
  });

  test("refuses an epoch while another lives", async () => {
    const { daemon } = await session.started();
    daemon.start(2, session.launch());
    expect((await daemon.event("notice")).text).toContain("still lives");
  });

  test("tells when its agent dies, with its last words, and ends what it left", async () => {
    const { daemon } = await session.started();
    const command = prompt(daemon, { sh: ORPHAN });
    const child = Number((await daemon.event("text")).text);
    await daemon.event("turn_ended");
    const fatal = prompt(daemon, { sh: "echo broken >&2; exit 3" });
    const gone = await daemon.event("gone");
    expect(gone).toMatchObject({ reason: "crashed", exitCode: 3, message: "broken" });
    expect(isRunning(child)).toBeFalse();
    expect(daemon.phases(command)).toContain("done");
    expect(daemon.phases(fatal)).toEqual(["received", "sent", "held"]);
    expect(daemon.events("turn_ended")).toHaveLength(1);
  });

  test("stops: ends the turn, then everything; goes when it is dismissed", async () => {
    const { host, daemon } = await session.started();
    prompt(daemon, { gate: "rm -rf /" });
    await daemon.event("approval");
    const stop = daemon.order({ type: "stop", graceMs: 5_000 });
    await daemon.event("gone");
    expect(daemon.events("approval_withdrawn")).toHaveLength(1);
    expect(daemon.events("turn_ended")[0]?.end).toBe("cancelled");
    expect(daemon.phases(stop)).toEqual(["received", "done"]);
    expect(daemon.events("gone")[0]).toMatchObject({ reason: "stopped" });
    daemon.send({ type: "dismiss", over: false });
    expect(await host.exited).toBe(0);
    expect(existsSync(session.folder.socket)).toBeFalse();
    expect(existsSync(session.folder.log)).toBeTrue();
  });

  test("clears up behind it when its session is over, and one that is resumed goes on in number", async () => {
    const { host, daemon } = await session.started();
    daemon.order({ type: "stop", graceMs: 0 });
    await daemon.event("gone");
    daemon.send({ type: "dismiss", over: true });
    expect(await host.exited).toBe(0);
    expect(existsSync(session.folder.path)).toBeFalse();
    await session.host();
    const next = await session.connect({ records: daemon.records });
    next.start(2, session.launch());
    await next.event("conversation", 2);
    expect(seqs(next.records)).toEqual(next.records.map((_, at) => at + 1));
  });

  test("stops an agent that does not end its turn, and says that its command is uncertain", async () => {
    const { daemon } = await session.started();
    const command = prompt(daemon, { hang: "for ever" });
    await daemon.event("turn_started");
    daemon.order({ type: "stop", graceMs: 50 });
    expect((await daemon.event("gone")).reason).toBe("stopped");
    expect(daemon.events("turn_ended")).toEqual([]);
    expect(daemon.phases(command)).toEqual(["received", "sent", "held"]);
  });

  test("kept no secret on disk", async () => {
    const { host, daemon } = await session.started(session.taskLaunch("item"));
    prompt(daemon, { sh: "echo ${#TOKEN}" });
    await daemon.event("turn_ended");
    host.kill("SIGKILL"); // else files of it come and go while they are read
    await host.exited;
    expect(daemon.events("text")[0]?.text).toBe(String(SECRET.length));
    const { path } = session.folder;
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const file of files)
      expect(readFileSync(join(file.parentPath, file.name)).includes(SECRET)).toBeFalse();
  });
});

describe("approvals", () => {
  test("wait for the decision, and are applied before the agent goes on", async () => {
    const { daemon } = await session.started();
    prompt(daemon, { gate: "ls" });
    const { approval, inputHash } = await daemon.event("approval");
    expect(inputHash).toMatch(/^[0-9a-f]{64}$/u);
    const decide = daemon.order({ type: "decide", approval, verdict: "deny" });
    await daemon.event("turn_ended");
    expect(daemon.events("text")[0]?.text).toBe("deny");
    expect(daemon.phases(decide)).toEqual(["received", "done"]);
    const late = daemon.order({ type: "decide", approval, verdict: "allow" });
    await daemon.done(late);
    expect(daemon.events("command").at(-1)?.error).toBe("the call does not wait any more");
  });

  test("keep their id when a resumed agent makes the same call", async () => {
    const host = await session.host();
    const daemon = await session.connect();
    daemon.start(1, session.launch());
    prompt(daemon, { gate: "ls" });
    const first = await daemon.event("approval");
    const next = await session.restarted(host, daemon);
    expect((await next.event("gone")).reason).toBe("lost");
    next.start(2, session.launch({ carried: [first] }));
    prompt(next, { gate: "ls" });
    expect((await next.event("approval", 2)).approval).toBe(first.approval);
  });

  test("are not needed where everything is allowed", async () => {
    const { daemon } = await session.started(session.launch({ permissions: "all" }));
    prompt(daemon, { gate: "ls" });
    await daemon.event("turn_ended");
    expect(daemon.events("approval")).toEqual([]);
  });
});

describe("a killed host", () => {
  test("leaves nothing alive, says what is uncertain, and numbers on", async () => {
    const { host, daemon } = await session.started();
    prompt(daemon, { sh: ORPHAN });
    const child = Number((await daemon.event("text")).text);
    await daemon.event("turn_ended");
    const running = prompt(daemon, { hang: "until cancelled" });
    await daemon.event("turn_started", 2);
    host.kill("SIGKILL");
    await host.exited;
    expect(isRunning(child)).toBeTrue();
    await session.host();
    expect(isRunning(child)).toBeFalse();
    const next = await session.connect({ records: daemon.records });
    const gone = await next.event("gone");
    expect(gone.reason).toBe("lost");
    expect(gone.killed).toBeGreaterThan(0);
    expect(next.phases(running)).toEqual(["received", "sent", "held"]);
    expect(next.hello).toMatchObject({ epoch: 1, alive: false });
    expect(seqs(next.records)).toEqual(next.records.map((_, at) => at + 1));
    next.start(2, session.launch({ resume: "new" }));
    expect((await next.event("conversation", 2)).resumed).toBeTrue();
  });

  test("goes on behind a torn line", async () => {
    const { host, daemon } = await session.started();
    prompt(daemon, { emit: { type: "text", text: "hello" } });
    await daemon.event("turn_ended");
    host.kill("SIGKILL");
    await host.exited;
    const { log } = session.folder;
    appendFileSync(
      join(
        log,
        readdirSync(log).find((name) => name.endsWith(".ndjson"))!,
      ),
      '{"seq":',
    );
    await session.host();
    const next = await session.connect({ records: daemon.records });
    await next.event("gone");
    expect(seqs(next.records)).toEqual(next.records.map((_, at) => at + 1));
  });

  test("numbers on from where the daemon is when the log is lost", async () => {
    const { host, daemon } = await session.started();
    host.kill("SIGKILL");
    await host.exited;
    rmSync(session.folder.path, { recursive: true });
    await session.host();
    const next = await session.connect({ after: 100 });
    expect(next.hello).toMatchObject({ epoch: 0, alive: false, lastSeq: 0 });
    next.start(2, session.launch());
    await next.event("conversation");
    expect(next.records[0]).toMatchObject({ seq: 101, epoch: 2 });
    expect(daemon.closed).toBeTrue();
  });
});

describe("a daemon that is away", () => {
  test("misses nothing", async () => {
    const { daemon } = await session.started();
    daemon.close();
    const late = await session.connect({ records: daemon.records });
    prompt(late, { emit: { type: "text", text: "a" } }, { gate: "ls" });
    const { approval } = await late.event("approval");
    late.close();
    const last = await session.connect({ records: [] });
    last.order({ type: "decide", approval, verdict: "allow" });
    await last.event("turn_ended");
    expect(seqs(last.records)).toEqual(last.records.map((_, at) => at + 1));
  });

  test("is started by the host when there is something to tell", async () => {
    const { daemon } = await session.started();
    prompt(daemon, { sh: "mkfifo go; echo waiting; cat go" }, { gate: "ls" });
    await daemon.event("text");
    daemon.close();
    const { promise: isStarted, resolve } = Promise.withResolvers<void>();
    const watcher = watch(session.home, (_, name) => name === "daemon-started" && resolve());
    writeFileSync(join(session.work, "go"), "");
    await isStarted;
    watcher.close();
    const next = await session.connect({ records: daemon.records });
    await next.event("approval");
    expect(JSON.parse(readFileSync(join(session.home, "daemon-started"), "utf8"))).toEqual({
      words: ["daemon", "run"],
      self: session.home,
    });
  }, 120_000);

  test("of another version may watch and stop", async () => {
    const { daemon } = await session.started();
    const other = await session.connect({ records: daemon.records, protocol: 99 });
    const refused = prompt(other, { emit: { type: "text", text: "no" } });
    await other.event("notice");
    expect(other.phases(refused)).toEqual([]);
    other.order({ type: "stop", graceMs: 1_000 });
    expect((await other.event("gone")).reason).toBe("stopped");
  });

  test("that is slow gets all of a flood, in order, and the agent waits for it", async () => {
    const { daemon } = await session.started();
    const slow = await session.connect({ records: daemon.records, acknowledges: false });
    prompt(slow, { flood: 4_000 });
    await slow.until(() => slow.records.length >= MAX_AHEAD_RECORDS);
    slow.acknowledge();
    await slow.event("turn_ended");
    expect(slow.events("tool")).toHaveLength(4_000);
    expect(seqs(slow.records)).toEqual(slow.records.map((_, at) => at + 1));
  }, 120_000);
});

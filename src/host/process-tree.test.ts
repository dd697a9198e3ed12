import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../base/id.ts";
import { LineReader } from "../base/line-reader.ts";
import type { SessionId } from "../protocol/id.ts";
import { readRecord, writeRecord } from "./process-record.ts";
import { readProcess } from "../processes/table.ts";
import { descendants, findRun, killRun } from "./process-tree.ts";

const FIXTURE = join(import.meta.dir, "process-tree.fixture.ts");
const GRACE = { graceMs: 100 };

/** Each says its pid once it is what it is meant to be: a shell's child can be caught between fork and exec. */
const SLEEP = `sh -c 'echo $$; exec sleep 300'`;
const IN_OWN_SESSION = `setsid ${SLEEP} &`;
const FORKED_TWICE = `(setsid sh -c "${SLEEP.replaceAll("$", String.raw`\$`)} & exit" &)`;
const IN_CLEAN_ENVIRONMENT = `env -i PATH="$PATH" setsid ${SLEEP} &`;
const DEAF_TO_TERM = `sh -c 'trap "" TERM; echo $$; while :; do sleep 0.05; done' &`;

let folder: string;
let session: SessionId;
let started: { kill(signal: "SIGKILL"): void; exited: Promise<number> }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tree-"));
  session = newId("ses");
  started = [];
});
afterEach(async () => {
  for (const one of started) {
    one.kill("SIGKILL");
    await one.exited;
  }
  await killRun({ session, home: folder, recorded: readRecord(join(folder, "record")) }, { graceMs: 0 });
  rmSync(folder, { recursive: true });
});

function start(script: string, env: Record<string, string> = {}) {
  const child = Bun.spawn(["sh", "-c", script], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  started.push(child);
  return { child, lines: linesOf(child.stdout) };
}

function startHost(script: string) {
  const child = Bun.spawn(
    [process.execPath, FIXTURE, session, folder, join(folder, "record"), `${script}\nwait`],
    {
      env: { PATH: process.env["PATH"], DISPATCH_SELF: folder },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  started.push(child);
  return { child, lines: linesOf(child.stdout) };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = new LineReader({ maxBytes: 1000 });
  for await (const chunk of stream) {
    for (const line of reader.push(chunk)) if (line.kind === "line") yield line.text;
  }
}

async function take(lines: AsyncGenerator<string, void>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const next = await lines.next();
    if (next.done === true) throw new Error(`the output ended after ${taken.join(", ")}`);
    taken.push(next.value);
  }
  return taken;
}

async function takePids(lines: AsyncGenerator<string, void>, count: number): Promise<number[]> {
  return (await take(lines, count)).map(Number);
}

function alive(pids: readonly number[]): number[] {
  return pids.filter((pid) => readProcess(pid)?.alive);
}

function pidsOf(found: readonly { pid: number }[]): number[] {
  return found.map(({ pid }) => pid).sort((a, b) => a - b);
}

describe("a run under its host", () => {
  test("is ended with its setsid'd, double-forked, deaf and environment-cleaning descendants", async () => {
    const host = startHost([IN_OWN_SESSION, FORKED_TWICE, IN_CLEAN_ENVIRONMENT, DEAF_TO_TERM].join("\n"));
    const pids = await takePids(host.lines, 4);
    expect(alive(pids)).toEqual(pids);
    await host.child.stdin.write("end\n");
    const [report] = await take(host.lines, 1);
    expect(alive(pids)).toEqual([]);
    expect(report).toMatch(/^killed \d+ left 0$/u);
    await host.child.stdin.end();
    expect(await host.child.exited).toBe(0);
  });

  test("cannot outrun the kill by starting its successor and exiting", async () => {
    const chain = join(folder, "chain");
    // It waits before its successor and not behind it, or there are more of them the slower the machine is.
    const script = '#!/bin/sh\ntrap "" TERM\n[ -n "$1" ] || echo ready\nsleep 0.01\nsetsid "$0" again &\n';
    writeFileSync(chain, script, { mode: 0o700 });
    const host = startHost(Array.from({ length: 4 }, () => `${chain} &`).join("\n"));
    await take(host.lines, 4);
    await host.child.stdin.write("end\n");
    await take(host.lines, 1);
    expect(findRun({ session, home: folder })).toEqual([]);
  });

  test("is swept after its host was killed -9, the cleaned environment by the record", async () => {
    const host = startHost([IN_OWN_SESSION, FORKED_TWICE, IN_CLEAN_ENVIRONMENT, DEAF_TO_TERM].join("\n"));
    const pids = await takePids(host.lines, 4);
    await host.child.stdin.write("record\n");
    await take(host.lines, 1);
    host.child.kill("SIGKILL");
    await host.child.exited;
    expect(alive(pids)).toEqual(pids);
    const recorded = readRecord(join(folder, "record"));
    expect(pidsOf(findRun({ session, home: folder, recorded }))).toEqual(expect.arrayContaining(pids));
    expect(await killRun({ session, home: folder, epoch: 2 }, GRACE)).toBe(0);
    expect(alive(pids)).toEqual(pids);
    expect(await killRun({ session, home: folder, epoch: 1, recorded }, GRACE)).toBeGreaterThanOrEqual(4);
    expect(alive(pids)).toEqual([]);
    expect(await killRun({ session, home: folder, recorded }, GRACE)).toBe(0);
  });
});

describe("findRun", () => {
  test("tells sessions and epochs apart", async () => {
    const other = start("echo; exec sleep 300", { DISPATCH_RUN: `${newId("ses")}:1` });
    const first = start("echo; exec sleep 300", { DISPATCH_RUN: `${session}:1` });
    const twelfth = start("echo; exec sleep 300", { DISPATCH_RUN: `${session}:12` });
    for (const one of [other, first, twelfth]) await take(one.lines, 1);
    expect(pidsOf(findRun({ session, home: folder, epoch: 1 }))).toEqual([first.child.pid]);
    expect(pidsOf(findRun({ session, home: folder }))).toEqual(pidsOf([first.child, twelfth.child]));
  });

  test("spares a daemon of this home that a worker started, and what hangs beneath it; not one of another home", async () => {
    const program = join(folder, "daemon");
    writeFileSync(program, `#!/bin/sh\nenv -i PATH="$PATH" ${SLEEP} &\necho $$\nwait\n`, { mode: 0o700 });
    const daemon = (home: string) => `DISPATCH_SELF=${home} setsid ${program} &`;
    const worker = start(`${daemon(folder)}\nwait`, { DISPATCH_RUN: `${session}:1` });
    const spared = await takePids(worker.lines, 2);
    const stranger = start(`${daemon("/elsewhere")}\nwait`, { DISPATCH_RUN: `${session}:1` });
    const doomed = await takePids(stranger.lines, 2);
    await killRun({ session, home: folder }, GRACE);
    expect(alive(doomed)).toEqual([]);
    expect(alive(spared)).toHaveLength(2);
    for (const pid of spared) process.kill(pid, "SIGKILL");
  });

  test("does not touch a recorded pid that belongs to somebody else by now", async () => {
    const innocent = start("echo; exec sleep 300");
    await take(innocent.lines, 1);
    const { pid, startTime } = readProcess(innocent.child.pid)!;
    expect(await killRun({ session, home: folder, recorded: [{ pid, startTime: "1" }] }, GRACE)).toBe(0);
    expect(alive([pid])).toEqual([pid]);
    expect(await killRun({ session, home: folder, recorded: [{ pid, startTime }] }, GRACE)).toBe(1);
    expect(alive([pid])).toEqual([]);
  });

  test("never finds pid 1, by which it would find everything, nor the caller", () => {
    const recorded = [readProcess(1)!, readProcess(process.pid)!];
    expect(findRun({ session, home: folder, recorded })).toEqual([]);
    expect(descendants(1)).toEqual([]);
  });

  test("finds what a caller of the run itself started with the mark, and nothing else of the caller", async () => {
    const script = `
      import { findRun } from ${JSON.stringify(join(import.meta.dir, "process-tree.ts"))};
      const marked = Bun.spawn(["sleep", "300"]);
      const unmarked = Bun.spawn(["sleep", "300"], { env: {} });
      const found = findRun({ session: "${session}", home: "/" }).map(({ pid }) => pid);
      for (const child of [marked, unmarked]) child.kill("SIGKILL");
      console.log(JSON.stringify({ found, marked: marked.pid }));
    `;
    const caller = Bun.spawn([process.execPath, "-e", script], {
      env: { PATH: process.env["PATH"], DISPATCH_RUN: `${session}:1` },
      stdout: "pipe",
    });
    const { found, marked } = (await caller.stdout.json()) as { found: number[]; marked: number };
    expect(found).toEqual([marked]);
    expect(await caller.exited).toBe(0);
  });
});

describe("killRun", () => {
  test("lets a stopped process hear SIGTERM", async () => {
    const one = start("echo; exec sleep 300", { DISPATCH_RUN: `${session}:1` });
    await take(one.lines, 1);
    one.child.kill("SIGSTOP");
    expect(await killRun({ session, home: folder }, { graceMs: 5_000 })).toBe(1);
    await one.child.exited;
    expect(one.child.signalCode).toBe("SIGTERM");
  });

  test("counts a zombie as gone, though its parent never takes it away", async () => {
    const parent = start(`DISPATCH_RUN=${session}:1 ${SLEEP} & exec sleep 301`);
    const pids = await takePids(parent.lines, 1);
    expect(await killRun({ session, home: folder }, GRACE)).toBe(1);
    expect(readProcess(pids[0]!)?.alive).toBeFalse();
    expect(descendants(parent.child.pid)).toEqual([]);
  });
});

describe("the record", () => {
  test("is nothing when missing, torn, or of an earlier boot", () => {
    const path = join(folder, "record");
    expect(readRecord(path)).toEqual([]);
    writeRecord(path, [{ pid: 4711, startTime: "12" }]);
    expect(readRecord(path)).toEqual([{ pid: 4711, startTime: "12" }]);
    writeFileSync(path, '{"boot":"x","proc');
    expect(readRecord(path)).toEqual([]);
    writeFileSync(path, '{"boot":"an earlier one","processes":[{"pid":1,"startTime":"1"}]}');
    expect(readRecord(path)).toEqual([]);
  });
});

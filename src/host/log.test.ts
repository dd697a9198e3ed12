import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, integer, property, record } from "fast-check";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionLog, type LogLimits } from "./log.ts";
import { MAX_RECORD_BYTES } from "./log-segment.ts";

const LIMITS: LogLimits = { segmentBytes: 200, limitBytes: 1_000_000, reserveBytes: 100 };
const OUTPUT = { epoch: 1, sync: false, control: false };
const CONTROL = { epoch: 1, sync: true, control: true };

let folder: string;
let open: SessionLog<string>[];
let drains: number;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "log-")), "log");
  open = [];
  drains = 0;
});
afterEach(() => {
  for (const log of open) log.close();
  rmSync(join(folder, ".."), { recursive: true });
});

function openLog(limits: Partial<LogLimits> = {}, at = folder): SessionLog<string> {
  const log = new SessionLog<string>(at, { ...LIMITS, ...limits, onDrained: () => drains++ });
  open.push(log);
  return log;
}

function seqs(log: SessionLog<string>, after = 0): number[] {
  return Array.from(log.read(after), (record) => record.seq);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function segments(at = folder): string[] {
  return readdirSync(at)
    .filter((name) => name.endsWith(".ndjson"))
    .sort();
}

describe("records", () => {
  test("come back in order, over segments and over a reopening, after any number", () => {
    const log = openLog();
    const texts = range(1, 50).map((n) => `event ${n} äöü\n${"x".repeat(n)}`);
    expect(texts.map((text) => log.append(text, { ...OUTPUT, epoch: 7 }))).toEqual(range(1, 50));
    expect(segments().length).toBeGreaterThan(5);
    for (const after of [0, 1, 17, 49, 50, 99]) expect(seqs(log, after)).toEqual(range(after + 1, 50));
    log.close();
    const again = openLog();
    expect(again.lastSeq).toBe(50);
    const all = [...again.read(0)];
    expect(all.map(({ event }) => event)).toEqual(texts);
    expect(all.every(({ epoch, at }) => epoch === 7 && Math.abs(Date.now() - at) < 60_000)).toBeTrue();
    expect(again.append("more", OUTPUT)).toBe(51);
  });

  test("are read up to the call, while others are written and acknowledged", () => {
    const log = openLog();
    for (const n of range(1, 20)) log.append(`${n}`, OUTPUT);
    const reading = log.read(0);
    expect(reading.next().value?.seq).toBe(1);
    for (const n of range(21, 40)) log.append(`${n}`, OUTPUT);
    log.acknowledge(40);
    const rest = Array.from(reading, (record) => record.seq);
    expect(rest).toEqual(rest.toSorted((a, b) => a - b));
    expect(rest.at(-1) ?? 0).toBeLessThanOrEqual(20);
  });

  test("of a segment that was damaged later are missed with a word, not silently", () => {
    const log = openLog();
    for (const n of range(1, 30)) log.append(`${n}`, OUTPUT);
    const second = join(folder, segments()[1]!);
    truncateSync(second, statSync(second).size - 5);
    expect(() => seqs(log)).toThrow("missing or unreadable");
    writeFileSync(second, "garbage\n");
    expect(() => seqs(log)).toThrow("missing or unreadable");
  });

  test("are refused when too large, and after close", () => {
    const log = openLog();
    expect(() => log.append("x".repeat(MAX_RECORD_BYTES), OUTPUT)).toThrow("over the log's");
    expect(log.append("y".repeat(MAX_RECORD_BYTES - 100), OUTPUT)).toBe(1);
    expect(seqs(log)).toEqual([1]);
    log.close();
    log.close();
    expect(() => log.append("x", OUTPUT)).toThrow("closed");
  });
});

describe("a crash", () => {
  test("leaves a torn or senseless tail, which is cut", () => {
    for (const tail of [
      '{"seq":4,"ep',
      "\0\0\0\0",
      "null\n",
      '{"seq":9}\n',
      "\xff\n",
      '{"seq":3,"epoch":1,"at":1,"event":""}\n',
    ]) {
      rmSync(folder, { recursive: true, force: true });
      const log = openLog();
      for (const n of range(1, 3)) log.append(`${n}`, OUTPUT);
      log.close();
      appendFileSync(join(folder, segments().at(-1)!), tail, "latin1");
      const again = openLog();
      expect(again.cutBytes).toBe(tail.length);
      expect(again.lastSeq).toBe(3);
      expect(again.append("4", OUTPUT)).toBe(4);
      expect(seqs(again)).toEqual(range(1, 4));
      again.close();
    }
  });

  test("at any byte behind a sync loses nothing that was synced, and leaves no gap", () => {
    const step = record({ bytes: integer({ min: 0, max: 150 }), sync: boolean() });
    const steps = array(step, { minLength: 1, maxLength: 30 });
    const cut = integer({ min: 0, max: 1_000_000 });
    const junk = constantFrom("", "\0\0\0", '{"seq":', "\n", "null\n");
    let run = 0;
    assert(
      property(steps, cut, junk, (steps, cut, junk) => {
        const at = join(folder, String(run++));
        const log = openLog({}, at);
        let synced = { seq: 0, name: "", size: 0 };
        for (const { bytes, sync } of steps) {
          const seq = log.append("e".repeat(bytes), { ...OUTPUT, sync });
          const name = segments(at).at(-1)!;
          if (sync) synced = { seq: Number(seq), name, size: statSync(join(at, name)).size };
        }
        log.close();
        const name = segments(at).at(-1)!;
        const path = join(at, name);
        const safe = name === synced.name ? synced.size : 0;
        truncateSync(path, safe + (cut % (statSync(path).size - safe + 1)));
        appendFileSync(path, junk);
        const again = openLog({}, at);
        expect(again.lastSeq).toBeGreaterThanOrEqual(synced.seq);
        expect(seqs(again)).toEqual(range(1, again.lastSeq));
        expect(again.append("next", CONTROL)).toBe(again.lastSeq);
        expect(seqs(again)).toEqual(range(1, again.lastSeq));
        again.close();
      }),
      { numRuns: 200 },
    );
  });

  test("by kill -9 loses nothing that was reported", async () => {
    const writer = `
      import { SessionLog } from ${JSON.stringify(join(import.meta.dir, "log.ts"))};
      const log = new SessionLog(${JSON.stringify(folder)}, { segmentBytes: 5000, limitBytes: 1e9, reserveBytes: 100, onDrained() {} });
      for (;;) process.stdout.write(log.append("x".repeat(log.lastSeq % 700), { epoch: 1, sync: log.lastSeq % 5 === 0, control: false }) + "\\n");
    `;
    let reported = 0;
    for (const until of [1, 100, 700]) {
      const child = Bun.spawn([process.execPath, "-e", writer], { stdout: "pipe" });
      let text = "";
      for await (const chunk of child.stdout) {
        text += new TextDecoder().decode(chunk);
        if (text.split("\n").length > until) child.kill("SIGKILL");
      }
      await child.exited;
      reported = Number(text.split("\n").at(-2));
      const log = openLog();
      expect(log.lastSeq).toBeGreaterThanOrEqual(reported);
      expect(seqs(log)).toEqual(range(1, log.lastSeq));
      log.close();
    }
  });
});

describe("acknowledge", () => {
  test("deletes whole segments only, never the active one, and the number is known without them", () => {
    const log = openLog();
    for (const n of range(1, 30)) log.append(`${n}`, OUTPUT);
    const [first, second, third] = segments().map((name) => Number.parseInt(name, 10)) as [
      number,
      number,
      number,
    ];
    expect(first).toBe(1);
    log.acknowledge(third - 2);
    expect(segments()).toContain(`${String(second).padStart(10, "0")}.ndjson`);
    expect(seqs(log)).toEqual(range(second, 30));
    log.acknowledge(third - 1);
    log.acknowledge(1);
    expect(seqs(log)).toEqual(range(third, 30));
    log.acknowledge(30);
    expect(segments()).toHaveLength(1);
    log.close();
    const again = openLog();
    expect(again.lastSeq).toBe(30);
    expect(again.append("31", OUTPUT)).toBe(31);
  });

  test("knows the last number from the name of an empty segment", () => {
    const log = openLog();
    for (const n of range(1, 4)) log.append(`${n}`, OUTPUT);
    log.acknowledge(4);
    const [name] = segments();
    log.close();
    rmSync(join(folder, name!));
    writeFileSync(join(folder, "0000000005.ndjson"), '{"se');
    expect(openLog().lastSeq).toBe(4);
  });

  test("beyond the last record goes on behind it: power failed, and the daemon had read more", () => {
    const log = openLog();
    for (const n of range(1, 10)) log.append(`${n}`, OUTPUT);
    log.acknowledge(25);
    expect(log.lastSeq).toBe(25);
    expect(log.append("26", OUTPUT)).toBe(26);
    expect(seqs(log, 25)).toEqual([26]);
    log.close();
    expect(openLog().lastSeq).toBe(26);
  });
});

describe("limits", () => {
  test("refuse output but no control event, until acknowledgement drains the log, once", () => {
    const log = openLog({ limitBytes: 1_000 });
    while (log.append("some output", OUTPUT) !== "full");
    const last = log.lastSeq;
    expect(log.append("question", CONTROL)).toBe(last + 1);
    expect(log.append("output", OUTPUT)).toBe("full");
    log.acknowledge(1);
    expect(drains).toBe(0);
    log.acknowledge(last + 1);
    expect(drains).toBe(1);
    expect(log.append("output", OUTPUT)).toBe(last + 2);
    log.acknowledge(last + 2);
    expect(drains).toBe(1);
  });

  test("hold the reserve with space that is really taken", () => {
    openLog({ reserveBytes: 256 * 1024 });
    const { size, blocks } = statSync(join(folder, "reserve"));
    expect(size).toBe(256 * 1024);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
  });

  test("keep log files from other users", () => {
    openLog().append("x", OUTPUT);
    expect(statSync(folder).mode & 0o077).toBe(0);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, segments()[0]!), "utf8")).toStartWith('{"seq":1,"epoch":1,"at":');
  });

  // A mount namespace of its own: the disk is gone with the process. Needs root, or user namespaces.
  test.skipIf(process.platform !== "linux")(
    "on a full disk control events live on the reserve, and space heals it",
    async () => {
      const asRoot = process.getuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-rm"];
      const script = 'mount -t tmpfs -o size=512k tmpfs "$1" && exec "$2" "$3" "$1/log" "$1/ballast"';
      const fixture = join(import.meta.dir, "log-full.fixture.ts");
      const child = Bun.spawn(
        [...asRoot, "sh", "-c", script, "sh", join(folder, ".."), process.execPath, fixture],
        {
          stdout: "pipe",
          stderr: "pipe",
        },
      );
      const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      expect({ code: await child.exited, stderr }).toEqual({ code: 0, stderr: "" });
      const seen = JSON.parse(stdout) as Record<string, unknown>;
      expect(seen).toMatchObject({
        freeWhenFull: 0,
        refusal: "unavailable",
        outputWhenStarved: "full",
        isContiguous: true,
        cutBytes: 0,
      });
      expect(seen["outputs"]).toBeGreaterThan(50);
      expect(seen["controls"]).toBeGreaterThan(50);
      expect(seen["read"]).toBe(Number(seen["outputs"]) + Number(seen["controls"]) + 1);
    },
  );
});

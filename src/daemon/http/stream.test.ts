import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../../base/id.ts";
import type { Position } from "../../protocol/event.ts";
import type { FromStream, Topic } from "../../protocol/stream.ts";
import { sampleRecord, sampleSession, sampleTask, sampleWorkspace } from "../../store/sample.fixture.ts";
import { type Ledger, openLedger } from "../commit.ts";
import type { Log } from "../log.ts";
import { type Listener, listenOnSocket } from "./listen.ts";
import { Stream } from "./stream.ts";
import { MAX_CLIENT_FRAME_BYTES } from "./stream-client.ts";
import { Terminals } from "./terminals.ts";
import { MAX_WAITING_BYTES } from "./stream-client.ts";

const STALL_MS = 3_000;
const session = newId("ses");

let folder: string;
let ledger: Ledger;
let stream: Stream;
let listener: Listener;
let clients: Client[];
let warned: PromiseWithResolvers<string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ds-"));
  clients = [];
  open();
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

function open(): void {
  const report = (error: unknown) => {
    throw error;
  };
  warned = Promise.withResolvers();
  const log: Log = { error: report, warn: warned.resolve, info() {} };
  ledger = openLedger({ path: join(folder, "dispatch.db"), report });
  stream = new Stream(ledger, { log, stallMs: STALL_MS });
  const terminals = new Terminals(ledger.db, folder);
  listener = listenOnSocket(join(folder, "s"), { dispatch: async () => "{}", stream, terminals, log });
}

async function close(): Promise<void> {
  stream.close();
  for (const client of clients) client.close();
  await listener.close();
  ledger.close();
}

/** Writes the records of a session's log from one number to another. */
function write(from: number, to: number, text = ""): void {
  for (let seq = from; seq <= to; seq++)
    ledger.ingest((tx) => {
      const record = sampleRecord(session, null, seq);
      if (text && record.type === "transcript") record.record.event = { type: "text", text };
      tx.announce(record);
    });
}

/** A client that keeps every frame. */
class Client {
  readonly frames: FromStream[] = [];
  readonly socket: WebSocket;
  #waiting: (() => void)[] = [];
  #closed = false;

  constructor(subscribe: { topics: Topic[]; after?: Position } | string) {
    clients.push(this);
    this.socket = new WebSocket(`ws+unix://${join(folder, "s")}:/stream`);
    this.socket.addEventListener("open", () =>
      this.socket.send(
        typeof subscribe === "string" ? subscribe : JSON.stringify({ type: "subscribe", ...subscribe }),
      ),
    );
    this.socket.addEventListener("message", ({ data }) => {
      this.frames.push(JSON.parse(String(data)) as FromStream);
      this.#wake();
    });
    this.socket.addEventListener("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Resolves when the frames are as wanted, or the connection is over. */
  async until(wanted: (frames: FromStream[]) => boolean): Promise<void> {
    while (!this.#closed && !wanted(this.frames)) await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  async ended(): Promise<string | undefined> {
    await this.until(() => false);
    const last = this.frames.at(-1);
    return last?.type === "bye" ? last.reason : undefined;
  }

  numbers(): number[] {
    return this.frames.flatMap((frame) => (frame.type === "event" ? [frame.position.seq] : []));
  }

  close(): void {
    this.socket.close();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const isSubscribed = (frames: FromStream[]) => frames.some(({ type }) => type === "subscribed");
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a follower of the stream", () => {
  test("gets what is new from the present on, and only what it follows", async () => {
    const workspace = sampleWorkspace();
    const [mine, other] = [sampleTask(workspace), sampleTask(workspace, { slug: "other" })];
    write(1, 3);
    const all = new Client({ topics: ["*"] });
    const one = new Client({ topics: [`task:${mine.id}`] });
    const tasks = new Client({ topics: ["tasks"] });
    await Promise.all([all, one, tasks].map((client) => client.until(isSubscribed)));
    expect(all.frames.slice(0, 2)).toEqual([
      { type: "hello", version: expect.any(String), position: { store: ledger.store, seq: 3 } },
      { type: "subscribed", position: { store: ledger.store, seq: 3 } },
    ]);
    ledger.commit((tx) => {
      tx.announce({ type: "task", task: other });
      tx.announce({ type: "session", session: sampleSession(mine) });
      tx.announce({ type: "task", task: mine });
    });
    write(4, 4);
    await all.until(() => all.numbers().length === 4);
    await tasks.until(() => tasks.numbers().length === 3);
    await one.until(() => one.numbers().length === 2);
    expect(all.numbers()).toEqual([4, 5, 6, 7]);
    expect(tasks.numbers()).toEqual([4, 5, 6]);
    expect(one.numbers()).toEqual([5, 6]);
  });

  test("gets every event once and in order, over random disconnects and a restart of the daemon", async () => {
    const total = 3_000;
    const got: number[] = [];
    let after: Position | undefined = { store: ledger.store, seq: 0 };
    let written = 0;
    const random = mulberry(42);
    while (got.length < total) {
      const client = new Client({ topics: ["*"], ...(after && { after }) });
      await client.until(isSubscribed);
      const until = Math.min(total, written + Math.floor(random() * 500));
      write(written + 1, until);
      written = until;
      const wanted = Math.floor(random() * (written - got.length + 1));
      await client.until(() => client.numbers().length >= wanted);
      client.close();
      const numbers = client.numbers();
      got.push(...numbers);
      if (numbers.length > 0) after = { store: ledger.store, seq: numbers.at(-1)! };
      if (random() < 0.2) {
        await close();
        open();
      }
    }
    expect(got).toEqual(range(1, total));
  });

  test("loses nothing of what is committed while it catches up", async () => {
    write(1, 2_000);
    const client = new Client({ topics: ["*"], after: { store: ledger.store, seq: 0 } });
    await client.until(isSubscribed);
    for (let seq = 2_001; seq <= 2_200; seq++) {
      write(seq, seq);
      if (seq % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(() => client.numbers().length >= 2_200);
    expect(client.numbers()).toEqual(range(1, 2_200));
  });

  test.each([
    ["another store", () => ({ store: "elsewhere", seq: 1 })],
    ["the future", () => ({ store: ledger.store, seq: 99 })],
    ["what is no longer held", () => ({ store: ledger.store, seq: 1 })],
  ])("is reset from a position of %s, and goes on at the present", async (_, position) => {
    write(1, 3);
    ledger.db.run("DELETE FROM event WHERE seq <= 2");
    const client = new Client({ topics: ["*"], after: position() });
    await client.until(isSubscribed);
    const now = { store: ledger.store, seq: 3 };
    expect(client.frames.slice(1)).toEqual([
      { type: "reset", position: now },
      { type: "subscribed", position: now },
    ]);
    write(4, 4);
    await client.until(() => client.numbers().length === 1);
    expect(client.numbers()).toEqual([4]);
  });

  test.each([
    ["no JSON", "subscribe"],
    ["no topic", JSON.stringify({ type: "subscribe", topics: [] })],
    ["an unknown topic", JSON.stringify({ type: "subscribe", topics: ["task:1"] })],
    ["too many topics", JSON.stringify({ type: "subscribe", topics: Array(101).fill("*") })],
    ["a frame that is too large", "x".repeat(MAX_CLIENT_FRAME_BYTES + 1)],
    ["an unknown key", JSON.stringify({ type: "subscribe", topics: ["*"], more: 1 })],
  ])("is sent away with a reason for %s", async (_, frame) => {
    expect(await new Client(frame).ended()).toBe("not a frame of this protocol");
  });

  test("has one subscription", async () => {
    const client = new Client({ topics: ["*"] });
    await client.until(isSubscribed);
    client.socket.send(JSON.stringify({ type: "subscribe", topics: ["*"] }));
    expect(await client.ended()).toBe("already subscribed");
  });

  test("is told when the daemon stops", async () => {
    const client = new Client({ topics: ["*"] });
    await client.until(isSubscribed);
    stream.close();
    expect(await client.ended()).toBe("the daemon stops");
  });
});

describe("a client that does not read", () => {
  const text = "x".repeat(64 * 1024);
  const enough = (4 * MAX_WAITING_BYTES) / text.length;

  test("is fed from the store while it reads, and let go when it reads nothing; others are not held up", async () => {
    const silent = await SilentClient.open({ topics: ["*"] });
    const slow = await SilentClient.open({ topics: ["*"] });
    const fast = new Client({ topics: ["*"] });
    await fast.until(isSubscribed);
    write(1, enough, text);
    const read = slow.until(`"seq":${enough}}`);
    await fast.until(() => fast.numbers().length === enough);
    expect(fast.numbers()).toEqual(range(1, enough));
    expect(await read).not.toContain("bye");
    expect(await warned.promise).toBe("stream-client-too-slow");
    expect(await silent.until('"bye"')).toContain('{"type":"bye","reason":"too slow"}');
    slow.socket.destroy();
  });
});

/** A WebSocket client that reads nothing after its subscription until it is told to. */
class SilentClient {
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  static async open(subscribe: { topics: Topic[]; after?: Position }): Promise<SilentClient> {
    const socket = connect(join(folder, "s"));
    socket.write(
      "GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const client = new SilentClient(socket);
    await client.until('"hello"');
    socket.write(masked(JSON.stringify({ type: "subscribe", ...subscribe })));
    await client.until('"subscribed"');
    socket.pause();
    return client;
  }

  /** Reads until a text has come, or the connection is over. */
  async until(text: string): Promise<string> {
    let read = "";
    const over = Promise.withResolvers<void>();
    const take = (chunk: Buffer): void => {
      read = (read + chunk.toString("latin1")).slice(-MAX_WAITING_BYTES);
      if (read.includes(text)) over.resolve();
    };
    this.socket.on("data", take).on("close", over.resolve);
    this.socket.resume();
    await over.promise;
    this.socket.off("data", take);
    return read;
  }
}

/** A client's text frame (RFC 6455, section 5.2) under a mask of zeros. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), payload]);
}

/** A small generator of repeatable random numbers in [0, 1). */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

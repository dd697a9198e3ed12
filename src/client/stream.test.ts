import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import type { FromStream, ToStream } from "../protocol/stream.ts";
import { followStream, type StreamItem } from "./stream.ts";

let folder: string;
let socket: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ds-"));
  socket = join(folder, "s");
});
afterEach(() => rmSync(folder, { recursive: true }));

type Script = (send: (frame: FromStream) => void, subscribe: ToStream, drop: () => void) => void;

/** A stream that answers its nth subscription by the nth script. */
function serve(scripts: Script[]) {
  let next = 0;
  return Bun.serve({
    unix: socket,
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
    websocket: {
      message(connection, text) {
        const script = scripts[Math.min(next++, scripts.length - 1)]!;
        const send = (frame: FromStream) => void connection.send(JSON.stringify(frame));
        script(send, JSON.parse(String(text)) as ToStream, () => connection.terminate());
      },
    },
  });
}

function at(seq: number, store = "a") {
  return { store, seq };
}

function event(seq: number, store = "a"): FromStream {
  const workspace = {
    id: "wks_00000000000000000000000000",
    name: `${seq}`,
    path: "/",
    repository: null,
    createdAt: 0,
  } as const;
  return { type: "event", position: at(seq, store), at: 0, event: { type: "workspace", workspace } };
}

async function take(stream: AsyncGenerator<StreamItem>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, position } of stream) {
    seen.push(`${type} ${position.store}${position.seq}`);
    if (seen.length === count) break;
  }
  return seen;
}

test("a lost connection is taken up where it broke, and no event comes twice", async () => {
  const asked: unknown[] = [];
  let revived = 0;
  using server = serve([
    (send, subscribe, drop) => {
      asked.push(subscribe.after);
      send({ type: "subscribed", position: at(4) });
      send(event(5));
      send(event(6));
      drop();
    },
    (send, subscribe) => {
      asked.push(subscribe.after);
      send({ type: "subscribed", position: at(6) });
      send(event(6));
      send(event(7));
    },
  ]);
  const stream = followStream({ socket, topics: ["*"], revive: async () => void revived++ });
  expect(await take(stream, 4)).toEqual(["reset a4", "event a5", "event a6", "event a7"]);
  expect(asked).toEqual([undefined, at(6)]);
  expect(revived).toBe(1);
  expect(server.pendingWebSockets).toBeLessThanOrEqual(1);
});

test("a known position starts without a reset; a lost one comes as a reset", async () => {
  using _ = serve([
    (send) => {
      send({ type: "subscribed", position: at(3) });
      send(event(4));
      send({ type: "reset", position: at(1, "b") });
      send(event(2, "b"));
    },
  ]);
  const stream = followStream({ socket, topics: ["*"], after: at(3) });
  expect(await take(stream, 3)).toEqual(["event a4", "reset b1", "event b2"]);
});

test("a daemon that said goodbye is waited for, not started", async () => {
  using _ = serve([
    (send, _subscribe, drop) => {
      send({ type: "subscribed", position: at(0) });
      send({ type: "bye", reason: "restart" });
      drop();
    },
    (send) => send(event(1)),
  ]);
  const revive = () => Promise.reject(new Error("it was started"));
  expect(await take(followStream({ socket, topics: ["*"], revive }), 2)).toEqual(["reset a0", "event a1"]);
});

test("the signal ends a stream that waits", async () => {
  using _ = serve([(send) => send({ type: "subscribed", position: at(0) })]);
  const controller = new AbortController();
  const stream = followStream({ socket, topics: ["*"], signal: controller.signal });
  expect((await stream.next()).value).toMatchObject({ type: "reset" });
  const next = stream.next();
  controller.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test("a daemon that cannot be brought back is an error", async () => {
  const failure = new DispatchError("unavailable", "no");
  const stream = followStream({ socket, topics: ["*"], revive: () => Promise.reject(failure) });
  expect(await stream.next().catch((error: unknown) => error)).toBe(failure);
});

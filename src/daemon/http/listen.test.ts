import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ErrorBody } from "../../protocol/error.ts";
import { type Ledger, openLedger } from "../commit.ts";
import type { Log, LogFields } from "../log.ts";
import type { Dispatch } from "./dispatch.ts";
import { type Desk, type Listener, listenOnLoopback, listenOnSocket } from "./listen.ts";
import { Once } from "./once.ts";
import { Stream } from "./stream.ts";
import { Terminals } from "./terminals.ts";

let folder: string;
let ledger: Ledger;
let listeners: Listener[];
let logged: { event: string; fields: LogFields | undefined }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dl-"));
  ledger = openLedger({ path: join(folder, "dispatch.db"), report: () => undefined });
  listeners = [];
  logged = [];
});
afterEach(async () => {
  await Promise.all(listeners.map((listener) => listener.close()));
  ledger.close();
  rmSync(folder, { recursive: true });
});

function desk(dispatch: Dispatch): Desk {
  const keep = (event: string, fields?: LogFields) => void logged.push({ event, fields });
  const log: Log = { error: keep, warn: keep, info: keep };
  return { dispatch, stream: new Stream(ledger, { log }), terminals: new Terminals(ledger.db, folder), log };
}

function open(dispatch: Dispatch): Listener {
  const listener = listenOnSocket(join(folder, "s"), desk(dispatch));
  listeners.push(listener);
  return listener;
}

function get(path = "/"): Promise<Response> {
  return fetch(`http://localhost${path}`, { unix: join(folder, "s") });
}

test("a defect is logged under a reference, and only that is told", async () => {
  const defect = new Error("the secret of what broke");
  open(() => Promise.reject(defect));
  const response = await get();
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).not.toContain("secret");
  const { error } = JSON.parse(text) as { error: ErrorBody };
  expect(error.code).toBe("internal");
  expect(logged).toEqual([{ event: "defect", fields: { reference: expect.any(String), error: defect } }]);
  expect(error.message).toContain(String(logged[0]!.fields?.["reference"]));
});

test("closing lets a running call finish, and takes no more", async () => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const listener = open(async () => {
    entered.resolve();
    await leave.promise;
    return '"done"';
  });
  const running = get();
  await entered.promise;
  const closed = listener.close();
  leave.resolve();
  expect(await (await running).json()).toBe("done");
  await closed;
  expect(get()).rejects.toThrow();
});

test("a port that is taken is no failure", async () => {
  const first = listenOnLoopback(
    0,
    "token",
    desk(async () => "1"),
  )!;
  listeners.push(first);
  expect(
    listenOnLoopback(
      first.port!,
      "token",
      desk(async () => "2"),
    ),
  ).toBeNull();
});

test("a repeat that comes while the first one runs waits for its answer; a failure may be tried again", async () => {
  const once = new Once(ledger);
  const call = { key: "k", request: "r" };
  const leave = Promise.withResolvers<void>();
  let runs = 0;
  const run = async () => {
    runs++;
    await leave.promise;
    if (runs === 1) throw new Error("the first one fails");
    return runs;
  };
  const both = [once.answer(call, run), once.answer(call, run)];
  leave.resolve();
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await once.answer(call, run)).toBe("2");
  expect(await once.answer(call, run)).toBe("2");
  expect(() => once.answer({ ...call, request: "other" }, run)).toThrow("another request");
});

test("an answer is kept with its effect or not at all", async () => {
  const once = new Once(ledger);
  const call = { key: "k", request: "r" };
  const broken = once.answer(call, (commit) => {
    commit(() => "written");
    throw new Error("after the effect");
  });
  expect(broken).rejects.toThrow("after the effect");
  expect(await once.answer(call, () => "not done again")).toBe('"written"');
});

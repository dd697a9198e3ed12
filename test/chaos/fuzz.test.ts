import { readdirSync } from "node:fs";
import * as fc from "fast-check";
import { expect, setDefaultTimeout, test } from "bun:test";
import { homeFiles } from "../../src/base/home.ts";
import { dispatch, serve, Socket } from "../e2e/oppi-client.ts";
import { World } from "../e2e/world.ts";
import { fromSchema, type Schema } from "./from-schema.ts";

setDefaultTimeout(300_000);

/** Requests to each call; FUZZ_RUNS asks for more. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 60);
/** Connections that say anything to the stream. */
const STREAM_RUNS = 5 * RUNS;
const ANSWER_MS = 20_000;
/** A value in an address; what is longer, the runtime refuses by itself (431). */
const LONGEST_VALUE = 2_000;
/** What a caller who is wrong may be told, and what one who is right is. */
const STATUSES = new Set([200, 400, 403, 404, 405, 409, 413, 422, 429, 503]);
/** Descriptors that the daemon may have more than before: to hosts of tasks that it was given meanwhile. */
const MORE_DESCRIPTORS = 60;

interface Operation {
  method: string;
  path: string;
  query: { name: string; schema: Schema }[];
  body: Schema | null;
}

test("no request to any call finds a defect, hangs, or leaves anything open", async () => {
  await using world = new World({ also: "limits: { concurrent: 3 }\n" });
  const names = await someNouns(world);
  const pid = await world.daemonPid();
  const before = descriptors(pid);
  for (const operation of await operations(world)) {
    await fc.assert(
      fc.asyncProperty(requests(operation, names), async ({ path, init }) => {
        const response = await ask(world, path, init);
        const text = await response.text();
        if (!STATUSES.has(response.status)) throw new Error(`${response.status} ${text}`);
        const document = JSON.parse(text) as { error?: { code: string; message: string } };
        if (response.status !== 200) expect(document.error!.message).toBeTruthy();
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 60_000 },
    );
  }
  expect(await world.daemonPid()).toBe(pid);
  expect(world.defects()).toEqual([]);
  expect(descriptors(pid)).toBeLessThan(before + MORE_DESCRIPTORS);
});

test("nothing that is said to the stream finds a defect or hangs", async () => {
  await using world = new World();
  await world.settled(await world.dispatch("scripted: text hello"));
  const { position } = await world.client.call("health", {}, {});
  const pid = await world.daemonPid();
  const before = descriptors(pid);
  const subscribe = fc.record(
    {
      type: fc.constant("subscribe"),
      topics: fc.array(fc.oneof(fc.constantFrom("*", "tasks", "attention", "task:x"), fc.string())),
      after: fc.record({
        store: fc.constantFrom(position.store, "other"),
        seq: fc.oneof(fc.nat(), fc.integer()),
      }),
    },
    { requiredKeys: ["type"] },
  );
  const frame = fc.oneof(
    subscribe.map((each) => JSON.stringify(each)),
    fc.json(),
    fc.string(),
    fc.uint8Array({ maxLength: 100 }),
    fc.constant("x".repeat(100_000)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 5 }), (frames) => talk(world, frames)),
    { numRuns: STREAM_RUNS },
  );
  expect(await world.daemonPid()).toBe(pid);
  expect(world.defects()).toEqual([]);
  expect(descriptors(pid)).toBeLessThan(before + MORE_DESCRIPTORS);
});

test("nothing that a client of oppi says finds a defect or hangs", async () => {
  await using world = new World();
  const oppi = await serve(world);
  const sessionId = await dispatch(oppi, { workspace: "repo", prompt: "scripted: text hello" });
  const pid = await world.daemonPid();
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(sessionId, "high", "allow", "a\nb"));
  const frame = fc.record(
    {
      type: fc.constantFrom("subscribe", "unsubscribe", "set_thinking_level", "prompt", "stop", "dance"),
      sessionId: fc.oneof({ weight: 3, arbitrary: fc.constant(sessionId) }, text),
      requestId: text,
      level: fc.constantFrom("full", "notifications", "high"),
      sinceSeq: fc.integer(),
      message: text,
      clientTurnId: text,
      streamingBehavior: fc.constantFrom("steer", "followUp"),
    },
    { requiredKeys: ["type"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(frame, fc.jsonValue())), async (frames) => {
      using socket = new Socket(oppi, { sessionId });
      await socket.result("subscribe");
      for (const each of frames) socket.say(each);
      socket.say({ type: "unsubscribe", sessionId, requestId: "last" });
      await socket.frame(({ requestId }) => requestId === "last");
    }),
    { numRuns: RUNS },
  );
  expect(await world.daemonPid()).toBe(pid);
  expect(world.defects()).toEqual([]);
});

/** Words that calls can mean something by: a task that runs, one that asks, one that has ended, what they opened, and no thing at all. */
async function someNouns(world: World): Promise<string[]> {
  const ended = await world.dispatch("scripted: finish fine", "--name", "ended");
  const asking = await world.dispatch("scripted: ask Which?", "--name", "asking");
  await world.settled(ended);
  const { task, questions } = await world.settled(asking);
  const runs = await world.dispatch("scripted: wait-file never", "--name", "runs");
  const ids = [task.id, task.session!, questions[0]!.id, task.workspace, task.id.slice(0, 8), "tsk_0"];
  const others = [world.repo, "scripted", "ask", "10s", "1", "http://127.0.0.1:9/", "git status", "a\0b"];
  return [ended, asking, runs, ...ids, ...others];
}

async function operations(world: World): Promise<Operation[]> {
  const document = (await (await ask(world, "/openapi.json", {})).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((each) => each.in === "query"),
      body: requestBody?.content["application/json"]!.schema ?? null,
    })),
  );
}

interface Described {
  parameters: { in: string; name: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface Asked {
  path: string;
  init: RequestInit;
}

function requests({ method, path, query, body }: Operation, names: readonly string[]): fc.Arbitrary<Asked> {
  if (path === "/stop") return fc.constant({ path, init: { method, body: "[]" } }); // any other body stops it
  const name = fc.oneof(
    fc.constantFrom(...names, "%", "x".repeat(LONGEST_VALUE)),
    fc.string({ unit: "binary" }),
  );
  const parts = fc.tuple(...[...path.matchAll(/\{\w+\}/g)].map(() => name));
  const asked = fc.record(
    Object.fromEntries(query.map((each) => [each.name, fromSchema(each.schema, names)])),
    { requiredKeys: [] },
  );
  const sent =
    method === "GET"
      ? fc.constant(undefined)
      : fc.oneof(
          { weight: 6, arbitrary: fromSchema(body ?? {}, names).map((each) => JSON.stringify(each)) },
          { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
        );
  const headers = fc.record(
    {
      "idempotency-key": fc.oneof(fc.constantFrom("one", "two"), fc.stringMatching(/^[!-~]{0,300}$/)),
      "dispatch-folder": fc.constantFrom("%", "/tmp", "/", "a%20b", "x"),
    },
    { requiredKeys: [] },
  );
  return fc.record({ parts, asked, sent, headers }).map((given) => {
    let at = 0;
    const filled = path.replaceAll(/\{\w+\}/g, () => partOf(given.parts[at++]!));
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(given.asked))
      search.set(key, (typeof value === "string" ? value : JSON.stringify(value)).slice(0, LONGEST_VALUE));
    const init: RequestInit = { method, headers: given.headers };
    if (given.sent !== undefined) init.body = given.sent;
    return { path: `${filled}?${search.toString()}`, init };
  });
}

/** A part of a path that stays one: the dots would be taken for folders before it is sent. */
function partOf(text: string): string {
  return encodeURIComponent(/^\.{1,2}$/.test(text) ? "…" : text.toWellFormed());
}

function ask(world: World, path: string, init: RequestInit): Promise<Response> {
  const { socket } = homeFiles(world.home);
  return fetch(`http://localhost${path}`, { ...init, unix: socket, signal: AbortSignal.timeout(ANSWER_MS) });
}

/** Says it all, and waits until the daemon closes the connection, or has said that it listens. */
async function talk(world: World, frames: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = new WebSocket(`ws+unix://${homeFiles(world.home).socket}:/stream`);
  const answered = Promise.withResolvers<void>();
  socket.addEventListener("close", () => answered.resolve());
  socket.addEventListener("message", ({ data }) => {
    const { type, reason } = JSON.parse(String(data)) as { type: string; reason?: string };
    if (type === "bye" && reason === "internal error") answered.reject(new Error(reason));
    if (type === "subscribed" || (type === "hello" && frames.length === 0)) answered.resolve();
    if (type === "hello") for (const frame of frames) socket.send(frame);
  });
  await answered.promise;
  socket.close();
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

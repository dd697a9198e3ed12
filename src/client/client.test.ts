import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { createClient, NoDaemonError } from "./client.ts";
import { callerEnvironment } from "./environment.ts";
import { createRunningClient } from "./local.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dk-"));
  path = join(folder, "s");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function failure(call: Promise<unknown>): Promise<DispatchError> {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (error instanceof DispatchError) return error;
  throw new Error("it did not fail as it should", { cause: error });
}

test("a call is its route's method, path, query, body and key", async () => {
  const seen: unknown[] = [];
  using _ = Bun.serve({
    unix: path,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const key = request.headers.get("idempotency-key");
      seen.push([request.method, pathname + search, key, await request.text()]);
      return Response.json({}, { headers: { "dispatch-version": "9" } });
    },
  });
  const versions: unknown[] = [];
  const client = createClient({ kind: "socket", path }, { answeredBy: (version) => versions.push(version) });
  await client.call("listTasks", {}, { state: "open", limit: 5 });
  await client.call("noteTask", { task: "a/b" }, { text: "hi" }, { key: "k" });
  await client.call("removeModel", { model: "opus" }, {});
  expect(seen).toEqual([
    ["GET", "/tasks?state=open&limit=5", null, ""],
    ["POST", "/tasks/a%2Fb/notes", "k", '{"text":"hi"}'],
    ["DELETE", "/models/opus", null, "{}"],
  ]);
  expect(versions).toEqual(["9", "9", "9"]);
});

test("no name becomes a step to another call", async () => {
  const seen: string[] = [];
  using _ = Bun.serve({
    unix: path,
    fetch(request) {
      seen.push(new URL(request.url).pathname);
      return Response.json({});
    },
  });
  const client = createClient({ kind: "socket", path });
  for (const session of ["", ".", ".."])
    expect((await failure(client.call("stopSession", { session }, {}))).code).toBe("not_found");
  await client.call("stopSession", { session: "%2e%2e" }, {});
  await client.call("stopSession", { session: "\ud800" }, {});
  expect(seen).toEqual(["/sessions/%252e%252e/stop", "/sessions/%EF%BF%BD/stop"]);
});

test("a daemon of another version is told once, with what to do", async () => {
  const told: string[] = [];
  using _ = Bun.serve({
    unix: join(folder, "daemon.sock"),
    fetch: () => Response.json({}, { headers: { "dispatch-version": "9.9.9" } }),
  });
  const notice = (text: string, hint: string) => told.push(text, hint);
  const client = createRunningClient({ home: folder, self: [], environment: {}, notice });
  await client.call("health", {}, {});
  await client.call("health", {}, {});
  expect(told).toEqual([expect.stringContaining("version 9.9.9"), "dispatch daemon restart"]);
});

test("an error comes as the daemon said it", async () => {
  const error = { code: "ambiguous", message: "which?", hint: "say more", candidates: ["a", "b"] };
  using _ = Bun.serve({ unix: path, fetch: () => Response.json({ error }, { status: 409 }) });
  expect(await failure(createClient({ kind: "socket", path }).call("health", {}, {}))).toMatchObject(error);
});

test("something else that answers is told from a daemon", async () => {
  using _ = Bun.serve({ unix: path, fetch: () => new Response("<html>") });
  const error = await failure(createClient({ kind: "socket", path }).call("health", {}, {}));
  expect(error.code).toBe("internal");
});

test("nothing that listens is told from everything else", async () => {
  expect(await failure(createClient({ kind: "socket", path }).call("health", {}, {}))).toBeInstanceOf(
    NoDaemonError,
  );
  await Bun.write(path, ""); // a socket's file outlives a killed daemon
  expect(await failure(createClient({ kind: "socket", path }).call("health", {}, {}))).toBeInstanceOf(
    NoDaemonError,
  );
  const long = join(folder, "x".repeat(200));
  const error = await failure(createClient({ kind: "socket", path: long }).call("health", {}, {}));
  expect(error).not.toBeInstanceOf(NoDaemonError);
  expect(error.hint).toContain("shorter");
});

test("a loopback call carries the token", async () => {
  let authorization: string | null = null;
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      authorization = request.headers.get("authorization");
      return Response.json({});
    },
  });
  await createClient({ kind: "loopback", url: `http://127.0.0.1:${server.port}`, token: "t" }).call(
    "health",
    {},
    {},
  );
  expect(authorization).toBe("Bearer t" as unknown as null);
});

test("a caller's variables go to the daemon, but nothing that steers a program of ours", () => {
  const own = {
    PATH: "/bin",
    MY_KEY: "k",
    NODE_OPTIONS: "--inspect",
    BUN_OPTIONS: "-e",
    DISPATCH_RUN: "x",
    NONE: undefined,
  };
  expect(callerEnvironment(own)).toEqual({ PATH: "/bin", MY_KEY: "k" });
});

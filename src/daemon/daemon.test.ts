import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorBody } from "../protocol/error.ts";
import { openDatabase } from "../sqlite/open.ts";
import { MAX_BODY_BYTES } from "./http/read.ts";
import { makeHome, startDaemon, type TestDaemon } from "./testing.fixture.ts";

async function startFailure(start: Promise<TestDaemon>): Promise<ErrorBody> {
  const failure = await start.then(
    () => null,
    (error: Error) => error,
  );
  if (!failure) throw new Error("it started");
  return JSON.parse(failure.message) as ErrorBody;
}

describe("a running daemon", () => {
  const place = makeHome();
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon(place.home);
  });
  afterAll(async () => {
    expect(await daemon.stop()).toBe(0);
    place.remove();
  });

  test("keeps its home to its owner", () => {
    expect(statSync(place.home).mode & 0o777).toBe(0o700);
    for (const file of ["local.token", "daemon.log", "dispatch.db", "dispatch.db-wal", "daemon.sock"])
      expect(statSync(join(place.home, file)).mode & 0o777).toBe(0o600);
    expect(daemon.token).toMatch(/^[0-9a-f]{64}$/);
  });

  test("needs no token on its socket", async () => {
    const response = await fetch("http://localhost/health", { unix: join(place.home, "daemon.sock") });
    expect(response.status).toBe(200);
    expect(response.headers.get("dispatch-version")).not.toBeNull();
    expect(await response.json()).toMatchObject({ pid: daemon.child.pid, port: daemon.port, notices: [] });
  });

  test.each([
    ["no token", { authorization: "" }, 401],
    ["a wrong token", { authorization: `Bearer ${"0".repeat(64)}` }, 401],
    ["another scheme", { authorization: "Basic eDp5" }, 401],
    ["another Host (DNS rebinding)", { host: "evil.example:80" }, 403],
    ["another port", { host: "127.0.0.1:1" }, 403],
    ["another site's Origin", { origin: "https://evil.example" }, 403],
    ["a null Origin", { origin: "null" }, 403],
  ])("refuses %s on the port, upgrades alike", async (_, headers, status) => {
    expect((await daemon.call("GET", "/health", { headers })).status).toBe(status);
    const upgrade = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
    };
    expect((await daemon.call("GET", "/stream", { headers: { ...upgrade, ...headers } })).status).toBe(
      status,
    );
  });

  test("takes its own Origin and its other names", async () => {
    for (const name of ["127.0.0.1", "localhost", "[::1]"]) {
      const host = `${name}:${daemon.port}`;
      const headers = { host, origin: `http://${host}` };
      expect((await daemon.call("GET", "/health", { headers })).status).toBe(200);
    }
  });

  test("says what is wrong with a call", async () => {
    const put = (body: unknown) => daemon.call("PUT", "/config", { body });
    const malformed = await put('{"key": "a",\n  value: 1}');
    expect(malformed.status).toBe(400);
    expect(malformed.body.error?.message).toContain("line 2, column 3");
    expect((await put({ key: 1, more: true })).body.error).toMatchObject({ code: "invalid" });
    expect((await put("")).body.error?.message).toContain("key");
    const large = await put(`"${"x".repeat(MAX_BODY_BYTES)}"`);
    expect(large.status).toBe(413);
    expect(large.body.error?.code).toBe("too_large");
    expect((await daemon.call("GET", "/nothing")).status).toBe(404);
    expect((await daemon.call("GET", "/flags/%E0%A4%A/seen")).status).toBe(405);
    expect((await daemon.call("POST", "/flags/%E0%A4%A/seen")).status).toBe(400);
    expect((await daemon.call("POST", "/flags/flg_nothing/seen")).status).toBe(404);
    expect((await daemon.call("GET", "/tasks?limit=0")).status).toBe(400);
    const method = await daemon.call("DELETE", "/health");
    expect([method.status, method.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await daemon.call("GET", "/stream")).body.error?.message).toContain("WebSocket");
  });

  test("does a repeated call once", async () => {
    const set = (value: string, key?: string) =>
      daemon.call("PUT", "/config", {
        body: { key: "default", value },
        ...(key !== undefined && { headers: { "idempotency-key": key } }),
      });
    const first = await set("opus", "key-1");
    await set("sonnet");
    const again = await set("opus", "key-1");
    expect(again.body).toEqual(first.body);
    expect((await daemon.call("GET", "/config")).body["value"]).toEqual({ default: "sonnet" });
    const other = await set("haiku", "key-1");
    expect([other.status, other.body.error?.code]).toEqual([409, "conflict"]);
    expect((await set("haiku", "")).status).toBe(400);
    const both = await Promise.all([set("opus", "key-2"), set("opus", "key-2")]);
    expect(both[0].body).toEqual(both[1].body);
  });

  test("describes itself", async () => {
    const { body } = await daemon.call("GET", "/openapi.json");
    expect(body["openapi"]).toBe("3.1.0");
    expect(body["paths"]).toHaveProperty(["/tasks/{task}/answer", "post", "requestBody"]);
    expect(body["paths"]).toHaveProperty(
      ["/tasks", "post", "parameters"],
      expect.arrayContaining([expect.objectContaining({ name: "Idempotency-Key", in: "header" })]),
    );
    expect(body["paths"]).toHaveProperty(
      ["/search", "get", "parameters"],
      expect.arrayContaining([expect.objectContaining({ name: "text", required: true })]),
    );
    expect(body["paths"]).toHaveProperty(["/stream", "get", "responses", "101"]);
    expect(body["paths"]).toHaveProperty(["/sessions/{session}/terminal", "get", "responses", "101"]);
    expect(body).toHaveProperty("components.schemas.ToStream.properties.topics");
    expect(body).toHaveProperty("components.securitySchemes.token.scheme", "bearer");
  });

  test("is the only one of its home, and the second one harms nothing", async () => {
    const second = await startFailure(startDaemon(place.home));
    expect(second.code).toBe("conflict");
    expect(second.message).toContain(String(daemon.child.pid));
    const response = await fetch("http://localhost/health", { unix: join(place.home, "daemon.sock") });
    expect(response.status).toBe(200);
  });

  test("puts no token and no value of the config into its log", () => {
    const log = readFileSync(join(place.home, "daemon.log"), "utf8");
    expect(log).not.toContain(daemon.token);
    expect(log).not.toContain("opus");
  });
});

describe("a daemon's life", () => {
  let place: ReturnType<typeof makeHome>;
  let daemon: TestDaemon | null;
  beforeEach(() => {
    place = makeHome();
    daemon = null;
  });
  afterEach(async () => {
    await daemon?.kill();
    place.remove();
  });

  test("after kill -9 the next one has its store, its token and its remembered answers", async () => {
    daemon = await startDaemon(place.home);
    const body = { key: "default", value: "opus" };
    const headers = { "idempotency-key": "key-1" };
    await daemon.call("PUT", "/config", { body, headers });
    const before = (await daemon.call("GET", "/health")).body["position"];
    const { token } = daemon;
    await daemon.kill();
    expect(existsSync(join(place.home, "daemon.sock"))).toBeTrue();
    daemon = await startDaemon(place.home);
    expect(daemon.token).toBe(token);
    expect((await daemon.call("GET", "/health")).body["position"]).toEqual(before);
    writeFileSync(join(place.home, "config.yaml"), "default: sonnet\n");
    expect((await daemon.call("PUT", "/config", { body, headers })).status).toBe(200);
    expect((await daemon.call("GET", "/config")).body["value"]).toEqual({ default: "sonnet" });
    const socket = await fetch("http://localhost/health", { unix: join(place.home, "daemon.sock") });
    expect(socket.status).toBe(200);
  });

  test("POST /stop answers, then ends it and gives the home free", async () => {
    daemon = await startDaemon(place.home);
    expect((await daemon.call("POST", "/stop", { body: {} })).status).toBe(200);
    expect(await daemon.child.exited).toBe(0);
    expect(existsSync(join(place.home, "daemon.sock"))).toBeFalse();
    daemon = await startDaemon(place.home);
  });

  test("a configuration with a fault is told, and the daemon runs", async () => {
    mkdirSync(place.home);
    writeFileSync(join(place.home, "config.yaml"), "web:\n  port: many\n");
    daemon = await startDaemon(place.home);
    expect(String((await daemon.call("GET", "/health")).body["notices"])).toContain(
      "config.yaml:2:9: web.port",
    );
    const refused = await daemon.call("GET", "/models");
    expect([refused.status, refused.body.error?.hint]).toEqual([
      400,
      expect.stringContaining("correct line 2"),
    ]);
  });

  test("a store of a newer dispatch is left alone", async () => {
    mkdirSync(place.home);
    const db = openDatabase(join(place.home, "dispatch.db"), { synchronous: "FULL" });
    db.script("PRAGMA user_version = 999");
    db.close();
    const failure = await startFailure(startDaemon(place.home));
    expect(failure).toMatchObject({ code: "unavailable", hint: expect.stringContaining("newer dispatch") });
  });

  test("a socket's path that the system cannot take is refused with what to do", async () => {
    const failure = await startFailure(startDaemon(join(place.home, "x".repeat(100))));
    expect(failure).toMatchObject({ code: "unavailable", hint: expect.stringContaining("shorter path") });
  });
});

/** Runs a command where `folder` is a file system of its own; null where this machine does not let us. */
function onOwnDisk(folder: string, options: string): (command: string[]) => string[] {
  return (command) => [
    "unshare",
    process.getuid?.() === 0 ? "-m" : "-rm",
    "sh",
    "-c",
    `mount -t tmpfs -o "$1" tmpfs "$0" && shift && exec "$@"`,
    folder,
    options,
    ...command,
  ];
}

const hasOwnDisks =
  Bun.which("unshare") !== null && Bun.spawnSync(onOwnDisk("/mnt", "size=1m")(["true"])).exitCode === 0;

describe.skipIf(!hasOwnDisks)("a home on a bad disk", () => {
  const place = makeHome();
  beforeAll(() => mkdirSync(place.home));
  afterAll(() => place.remove());

  test("that is read-only is refused with what to do", async () => {
    const failure = await startFailure(startDaemon(place.home, onOwnDisk(place.home, "ro")));
    expect(failure).toMatchObject({ code: "unavailable", hint: expect.stringContaining("DISPATCH_HOME") });
  });

  test("that is full is refused with what to do", async () => {
    const failure = await startFailure(startDaemon(place.home, onOwnDisk(place.home, "size=64k")));
    expect(failure).toMatchObject({ code: "unavailable", hint: `df -h ${place.home}` });
  });

  test("that fills up fails writes, and reads go on", async () => {
    const daemon = await startDaemon(place.home, onOwnDisk(place.home, "size=4m"));
    try {
      const write = (index: number) =>
        daemon.call("PUT", "/config", {
          headers: { "idempotency-key": `key-${index}` },
          body: { key: "default", value: `${index} ${"x".repeat(100_000)}` },
        });
      let answer = await write(0);
      for (let index = 1; index < 60 && answer.status === 200; index++) answer = await write(index);
      expect([answer.status, answer.body.error?.code]).toEqual([503, "unavailable"]);
      expect((await daemon.call("GET", "/health")).status).toBe(200);
    } finally {
      await daemon.kill();
    }
  });
});

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectJson,
  listenJson,
  MAX_MESSAGE_BYTES,
  type CloseReason,
  type JsonServer,
  type JsonSocket,
  type JsonSocketEvents,
} from "./json-socket.ts";

let folder: string;
let path: string;
let opened: { close(): void }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sock-"));
  path = join(folder, "run", "daemon.sock");
  opened = [];
});
afterEach(() => {
  for (const one of opened) one.close();
  rmSync(folder, { recursive: true });
});

/** One end of a connection, with what it hears. */
interface Peer extends JsonSocketEvents {
  messages: unknown[];
  closed: Promise<CloseReason>;
  /** Resolves when that many messages have come. */
  heard(count: number): Promise<unknown[]>;
}

function newPeer(): Peer {
  const closed = Promise.withResolvers<CloseReason>();
  const waits: { count: number; resolve(messages: unknown[]): void }[] = [];
  const messages: unknown[] = [];
  const settle = () => {
    for (const wait of waits) if (messages.length >= wait.count) wait.resolve(messages);
  };
  return {
    messages,
    closed: closed.promise,
    onMessage(message) {
      messages.push(message);
      settle();
    },
    onClose: closed.resolve,
    heard(count) {
      const { promise, resolve } = Promise.withResolvers<unknown[]>();
      waits.push({ count, resolve });
      settle();
      return promise;
    },
  };
}

async function listen(accept: (socket: JsonSocket) => JsonSocketEvents, at = path): Promise<JsonServer> {
  const server = await listenJson(at, accept);
  opened.push(server);
  return server;
}

async function connect(events: JsonSocketEvents): Promise<JsonSocket> {
  const socket = await connectJson(path, () => events);
  opened.push(socket);
  return socket;
}

const CLIENT_THAT_STOPS = `
  await Bun.connect({ unix: process.argv[1], socket: { data() {} } });
  process.kill(process.pid, "SIGSTOP");
`;

describe("a connection", () => {
  test("carries messages of any size both ways, in order", async () => {
    const server = newPeer();
    await listen((socket) => ({
      ...server,
      onMessage(message) {
        server.onMessage(message);
        socket.send({ echo: message });
      },
    }));
    const client = newPeer();
    const socket = await connect(client);
    const messages = [
      0,
      null,
      "äöü\n\u2028",
      { big: "x".repeat(3_000_000) },
      ...Array.from({ length: 2_000 }, (_, n) => ({ n })),
    ];
    for (const message of messages) if (!socket.send(message)) await socket.drained();
    expect(await server.heard(messages.length)).toEqual(messages);
    expect(await client.heard(messages.length)).toEqual(messages.map((echo) => ({ echo })));
  });

  test("delivers what was sent before it was closed, tells both sides once, and then takes nothing", async () => {
    const server = newPeer();
    await listen(() => server);
    const client = newPeer();
    const socket = await connect(client);
    expect(socket.send("last words")).toBeTrue();
    socket.close();
    socket.close();
    expect(await client.closed).toBe("closed");
    expect(await server.closed).toBe("ended");
    expect(server.messages).toEqual(["last words"]);
    expect(socket.send("more")).toBeFalse();
    expect(socket.drained()).rejects.toThrow("closed");
  });

  test("is closed, not buffered without end, when the other side does not read", async () => {
    const server = newPeer();
    const accepted = Promise.withResolvers<JsonSocket>();
    await listen((socket) => {
      accepted.resolve(socket);
      return server;
    });
    const stopped = Bun.spawn([process.execPath, "-e", CLIENT_THAT_STOPS, path], { stdout: "ignore" });
    const socket = await accepted.promise;
    const message = "x".repeat(1024 * 1024);
    let sent = 0;
    while (socket.send(message) || sent < 100) sent++;
    expect(await server.closed).toBe("overflow");
    stopped.kill("SIGKILL");
    await stopped.exited;
  });

  test("rejects who waits for a drain when it ends", async () => {
    const sockets = Promise.withResolvers<JsonSocket>();
    await listen((socket) => {
      sockets.resolve(socket);
      return newPeer();
    });
    const client = await connect(newPeer());
    const socket = await sockets.promise;
    expect(socket.send("x".repeat(8_000_000))).toBeFalse();
    const drained = socket.drained();
    client.close();
    expect(drained).rejects.toMatchObject({ code: "unavailable" });
    await drained.catch(() => "seen above");
  });

  test("ends at a message that is no JSON or too large, after those before it", async () => {
    for (const [bytes, reason] of [
      ["1\nnonsense\n2\n", "malformed"],
      [`1\n${"x".repeat(MAX_MESSAGE_BYTES + 1)}`, "oversized"],
    ] as const) {
      const server = newPeer();
      const listener = await listen(() => server);
      await sendRaw(bytes);
      expect(await server.closed).toBe(reason);
      expect(server.messages).toEqual([1]);
      listener.close();
    }
    await listen(() => newPeer());
    const socket = await connect(newPeer());
    expect(() => socket.send("x".repeat(MAX_MESSAGE_BYTES))).toThrow("is over");
  });

  test("ends when the receiver's handler throws, so that no message is skipped silently", async () => {
    const script = `
      import { connectJson, listenJson } from ${JSON.stringify(join(import.meta.dir, "json-socket.ts"))};
      const heard = [];
      process.on("uncaughtException", ({ message }) => heard.push(message));
      const server = await listenJson(process.argv[1], () => ({
        onMessage(message) { heard.push(message); if (message === 1) throw new Error("defect"); },
        onClose(reason) { heard.push(reason); },
      }));
      const ended = Promise.withResolvers();
      const socket = await connectJson(process.argv[1], () => ({ onMessage() {}, onClose: ended.resolve }));
      for (const message of [0, 1, 2]) socket.send(message);
      await ended.promise;
      server.close();
      console.log(JSON.stringify(heard));
    `;
    const child = Bun.spawn([process.execPath, "-e", script, path], { stdout: "pipe" });
    expect(await child.stdout.json()).toEqual([0, 1, "failed", "defect"]);
    expect(await child.exited).toBe(0);
  });

  test("leaves out what a killed sender had not finished", async () => {
    const server = newPeer();
    await listen(() => server);
    await sendRaw('{"whole":1}\n{"torn":');
    expect(await server.closed).toBe("ended");
    expect(server.messages).toEqual([{ whole: 1 }]);
  });
});

describe("listenJson", () => {
  test("makes a socket that only this user can reach", async () => {
    await listen(() => newPeer());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
    chmodSync(folder, 0o755);
    expect(listenJson(join(folder, "open.sock"), newPeer)).rejects.toMatchObject({
      code: "refused",
      hint: `chmod 700 ${folder}`,
    });
  });

  test("replaces the socket of a killed process, not that of a living one, nor another file", async () => {
    const script = `
      import { listenJson } from ${JSON.stringify(join(import.meta.dir, "json-socket.ts"))};
      await listenJson(process.argv[1], () => ({ onMessage() {}, onClose() {} }));
      console.log("ready");
    `;
    const owner = Bun.spawn([process.execPath, "-e", script, path], { stdout: "pipe" });
    await owner.stdout.getReader().read();
    expect(listenJson(path, newPeer)).rejects.toMatchObject({ code: "conflict" });
    await connect(newPeer());
    owner.kill("SIGKILL");
    await owner.exited;
    expect(existsSync(path)).toBeTrue();
    expect(connectJson(path, newPeer)).rejects.toMatchObject({ code: "unavailable" });
    const server = await listen(() => newPeer());
    await connect(newPeer());
    server.close();
    server.close();
    expect(existsSync(path)).toBeFalse();
    writeFileSync(path, "precious");
    expect(listenJson(path, newPeer)).rejects.toMatchObject({ code: "conflict" });
  });

  test("closes its connections with it", async () => {
    const server = await listen(() => newPeer());
    const client = newPeer();
    await connect(client);
    server.close();
    expect(await client.closed).toBe("ended");
    expect(connectJson(path, newPeer)).rejects.toMatchObject({ code: "unavailable" });
  });

  test("says what to do about a path that is too long", async () => {
    const long = join(folder, "x".repeat(100));
    for (const attempt of [listenJson(long, newPeer), connectJson(long, newPeer)]) {
      expect(attempt).rejects.toMatchObject({ code: "invalid", hint: "set DISPATCH_HOME to a shorter path" });
    }
  });
});

async function sendRaw(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const done = Promise.withResolvers<void>();
  const pump = (socket: { write(bytes: Uint8Array): number; end(): void }) => {
    const written = socket.write(bytes.subarray(at));
    at += Math.max(0, written);
    if (at === bytes.length) socket.end();
  };
  await Bun.connect({
    unix: path,
    socket: { data() {}, open: pump, drain: pump, close: () => done.resolve() },
  });
  await done.promise;
}

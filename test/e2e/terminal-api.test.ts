import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { homeFiles } from "../../src/base/home.ts";
import { MAX_UNTAKEN_BYTES, MAX_VIEWERS } from "../../src/protocol/limit.ts";
import type { FromViewer, ToViewer } from "../../src/protocol/terminal.ts";
import { TerminalWorld } from "./terminal-world.ts";

/** A client of the API that watches a terminal, and takes what it is shown only when the test says so. */
class Watcher implements Disposable {
  readonly socket: WebSocket;
  readonly frames: ToViewer[] = [];
  text = "";
  bytes = 0;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #happened = new Set<() => void>();

  constructor(url: string, options: { headers?: Record<string, string> } = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.binaryType = "nodebuffer";
    this.closed = new Promise((resolve) => this.socket.addEventListener("close", resolve));
    this.socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.frames.push(JSON.parse(data) as ToViewer);
      else this.#show(data as Buffer);
      for (const wake of this.#happened) wake();
    });
  }

  async attach(): Promise<this> {
    await new Promise((resolve) => this.socket.addEventListener("open", resolve));
    this.say({ type: "attach", size: null, history: false });
    return this;
  }

  say(frame: FromViewer | object): void {
    this.socket.send(JSON.stringify(frame));
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#happened.add(resolve);
      await promise;
      this.#happened.delete(resolve);
    }
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }

  #show(data: Buffer): void {
    this.text += data.toString("latin1");
    this.bytes += data.length;
  }
}

async function opened(world: TerminalWorld): Promise<string> {
  const { session } = await world.openTerminal({ agent: "tui" });
  await world.untilSession(session.id, (detail) => detail.session.status.state === "ready");
  return session.id;
}

function watch(world: TerminalWorld, session: string): Watcher {
  return new Watcher(`ws+unix://${homeFiles(world.home).socket}:/sessions/${session}/terminal`);
}

describe("the terminal of a session over the API", () => {
  test("needs the token on the port, and lets in no page of a browser", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    const { port } = await world.client.call("health", {}, {});
    const token = readFileSync(homeFiles(world.home).token, "utf8").trim();
    const url = `ws://127.0.0.1:${port}/sessions/${session}/terminal`;
    const authorization = `Bearer ${token}`;
    const upgrade = { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" };
    const answer = (headers: Record<string, string>, path = url) =>
      fetch(path.replace("ws:", "http:"), { headers: { ...upgrade, ...headers } }).then(
        ({ status }) => status,
      );
    expect(await answer({})).toBe(401);
    expect(await answer({ authorization, origin: "http://example.org" })).toBe(403);
    expect(await answer({ authorization }, url.replace(session, "nobody"))).toBe(404);
    using watcher = await new Watcher(url, { headers: { authorization } }).attach();
    await watcher.until(() => watcher.text.includes("scripted"));
    expect(watcher.frames).toEqual([{ type: "size", size: { columns: 120, rows: 40 } }]);
  });

  test("ends with who does not keep to its protocol", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    for (const frame of ["attach", "{}", '{"type":"resize","size":{"columns":0,"rows":9}}']) {
      using watcher = await watch(world, session).attach();
      watcher.socket.send(frame);
      expect((await watcher.closed).code).toBe(1008);
    }
  });

  test("skips with who is slow to the screen as it is, and holds up nobody else", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    using slow = await watch(world, session).attach();
    await slow.until(() => slow.text.includes("> "));
    using quick = await watch(world, session).attach();
    quick.socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") quick.say({ type: "taken", bytes: (data as Buffer).length });
    });
    quick.socket.send(Buffer.from("scripted: lines 100000\r"));
    await quick.until(() => quick.text.includes("line 100000\r"));
    expect(slow.bytes).toBeLessThan(2 * MAX_UNTAKEN_BYTES);
    expect(slow.text).not.toContain("line 100000\r");
    slow.say({ type: "taken", bytes: slow.bytes });
    await slow.until(() => slow.text.includes("line 100000\r"));
  });

  test("has room for so many, and says so to one more", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    using watchers = new DisposableStack();
    for (let number = 0; number < MAX_VIEWERS; number++) {
      const watcher = watchers.use(await watch(world, session).attach());
      await watcher.until(() => watcher.frames.length > 0);
    }
    using late = await watch(world, session).attach();
    expect((await late.closed).reason).toContain("too many");
  });
});

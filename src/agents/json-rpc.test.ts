import { expect, test } from "bun:test";
import { INTERNAL_ERROR, JsonRpcPeer, METHOD_NOT_FOUND, RpcError, type PeerOptions } from "./json-rpc.ts";

/** A peer, what it wrote, and a way to write to it. */
class Talk {
  readonly sent: unknown[] = [];
  readonly peer: JsonRpcPeer;
  readonly #input = new TransformStream<Uint8Array, Uint8Array>();
  readonly #writer = this.#input.writable.getWriter();
  readonly over: Promise<void>;

  constructor(options: Partial<PeerOptions> = {}) {
    this.peer = new JsonRpcPeer({
      send: async (line) => void this.sent.push(JSON.parse(line)),
      ...options,
    });
    this.over = this.peer.read(this.#input.readable);
  }

  write(...messages: object[]): void {
    const lines = messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    void this.#writer.write(Buffer.from(lines.join("")));
  }

  async end(): Promise<void> {
    void this.#writer.close();
    await this.over;
  }
}

test("gives a request the answer with its id, as result or error", async () => {
  const talk = new Talk();
  const answers = Promise.allSettled([talk.peer.request("a", {}), talk.peer.request("b", {})]);
  const error = { code: -32000, message: "no", data: { details: "why" } };
  talk.write({ id: 2, error }, { id: 9, result: "nobody asked" }, { id: 1, result: "yes" });
  const [a, b] = await answers;
  expect(a).toEqual({ status: "fulfilled", value: "yes" });
  expect(b).toMatchObject({ status: "rejected", reason: new RpcError(-32000, "no", { details: "why" }) });
});

test("hears notifications one after the other, and an answer only after those before it", async () => {
  const heard: unknown[] = [];
  const began = Promise.withResolvers<void>();
  const room = Promise.withResolvers<void>();
  const talk = new Talk({
    async hear(_method, params) {
      began.resolve();
      await room.promise;
      heard.push(params);
    },
  });
  const answer = talk.peer.request("ask", {}).then(() => heard.push("answer"));
  talk.write({ method: "tell", params: 1 }, { method: "tell", params: 2 }, { id: 1, result: null });
  await began.promise;
  expect(heard).toEqual([]);
  room.resolve();
  await answer;
  expect(heard).toEqual([1, 2, "answer"]);
});

test("answers requests side by side, and tells the one that was taken back", async () => {
  const asked: string[] = [];
  const talk = new Talk({
    async answer(method, _params, signal) {
      asked.push(method);
      if (method === "quick") return "done";
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return "taken back";
    },
  });
  talk.write({ id: 1, method: "slow" }, { id: 2, method: "quick" });
  talk.write({ method: "$/cancel_request", params: { requestId: 1 } });
  await talk.end();
  expect(asked).toEqual(["slow", "quick"]);
  expect(talk.sent).toMatchObject([
    { id: 2, result: "done" },
    { id: 1, result: "taken back" },
  ]);
});

test("answers what throws with an error, and knows no method when it was given none", async () => {
  const broken = new Talk({ answer: () => Promise.reject(new Error("broken")) });
  broken.write({ id: 1, method: "any" });
  await broken.end();
  expect(broken.sent).toEqual([
    { jsonrpc: "2.0", id: 1, error: { code: INTERNAL_ERROR, message: "broken" } },
  ]);
  const deaf = new Talk();
  deaf.write({ id: 1, method: "any" });
  await deaf.end();
  expect(deaf.sent).toMatchObject([{ error: { code: METHOD_NOT_FOUND } }]);
});

test("rejects what waits when it is closed, what is asked later, and what cannot be sent", async () => {
  const talk = new Talk();
  const waiting = talk.peer.request("ask", {});
  const reason = new Error("it is gone");
  talk.peer.close(reason);
  talk.peer.close(new Error("again"));
  expect(waiting).rejects.toBe(reason);
  expect(talk.peer.request("ask", {})).rejects.toBe(reason);
  const broken = new Talk({ send: () => Promise.reject(new Error("EPIPE")) });
  expect(broken.peer.request("ask", {})).rejects.toThrow("EPIPE");
});

test("has a limit to the requests that wait, in both directions", async () => {
  const talk = new Talk({ answer: () => new Promise(() => undefined) });
  for (let count = 0; count < 1_000; count++) void talk.peer.request("ask", {});
  expect(talk.peer.request("ask", {})).rejects.toThrow("1000 requests");
  talk.sent.length = 0;
  talk.write(...Array.from({ length: 1_001 }, (_, id) => ({ id, method: "slow" })));
  await talk.end();
  expect(talk.sent).toMatchObject([{ id: 1_000, error: { message: "too many requests" } }]);
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { homeFiles } from "../../src/base/home.ts";
import type { PlacedEvent, Position } from "../../src/protocol/event.ts";
import type { FromStream, ToStream, Topic } from "../../src/protocol/stream.ts";
import { World } from "../e2e/world.ts";
import { Chance } from "./chance.ts";

setDefaultTimeout(300_000);

const EVENTS = 10_000;
const DISCONNECTS = 1_000;
/** Events at the most that one connection lives for: on the average it is few enough for a thousand connections. */
const LONGEST_LIFE = 17;

test("a client that disconnects a thousand times in ten thousand events has exactly the events of the log", async () => {
  await using world = new World();
  const calls = Array.from({ length: EVENTS }, (_, at) => `scripted: tool call-${at} {"at":${at}}`);
  const prompt = ["scripted: wait-file go", ...calls].join("\n");
  const { slug } = (await world.client.call("createTask", {}, { prompt, workspace: world.repo })).task;
  const { task } = await world.until(slug, (detail) => detail.task.status.state === "working");
  const chance = new Chance("stream");
  const seen: PlacedEvent[] = [];
  let position: Position = { ...(await world.client.call("health", {}, {})).position, seq: 0 };
  let disconnects = 0;
  world.write("go", "");
  for (let over = false; !over; disconnects++) {
    const enough = seen.length + chance.upTo(LONGEST_LIFE + 1);
    using connection = new Connection(world, [`task:${task.id}`], position);
    while (!over && seen.length < enough) {
      const frame = await connection.next();
      if (frame.type === "reset" || frame.type === "bye") throw new Error(JSON.stringify(frame));
      if (frame.type !== "event") continue;
      seen.push(frame);
      ({ position } = frame);
      over = frame.event.type === "task" && frame.event.task.status.state === "completed";
    }
  }

  expect(disconnects).toBeGreaterThan(DISCONNECTS);
  const numbers = seen.map((each) => each.position.seq);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  const records = seen.flatMap(({ event }) => (event.type === "transcript" ? [event.record] : []));
  expect(records.length).toBeGreaterThan(EVENTS);
  expect(records).toEqual(await world.transcript(slug));
});

/** One connection to the stream; it breaks off without a word when it is disposed of. */
class Connection implements Disposable {
  readonly #socket: WebSocket;
  readonly #frames: FromStream[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(world: World, topics: Topic[], after: Position) {
    const subscribe: ToStream = { type: "subscribe", topics, after };
    this.#socket = new WebSocket(`ws+unix://${homeFiles(world.home).socket}:/stream`);
    this.#socket.addEventListener("open", () => this.#socket.send(JSON.stringify(subscribe)));
    this.#socket.addEventListener("message", ({ data }) => {
      this.#frames.push(JSON.parse(String(data)) as FromStream);
      this.#changed.resolve();
    });
    this.#socket.addEventListener("close", ({ code }) => this.#changed.reject(new Error(`closed: ${code}`)));
  }

  async next(): Promise<FromStream> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers();
    }
  }

  [Symbol.dispose](): void {
    this.#changed.promise.catch(() => undefined);
    this.#socket.terminate();
  }
}

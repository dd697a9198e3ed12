import { mkdirSync, readFileSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import { followStream } from "../../src/client/stream.ts";
import { readProcess } from "../../src/processes/table.ts";
import type { TaskId } from "../../src/protocol/id.ts";
import type { TranscriptRecord } from "../../src/protocol/transcript.ts";
import { SessionWorld } from "../e2e/session-world.ts";
import { HOMES_PARENT, prepareHome, type Product } from "./products.ts";

export interface ProductWorldOptions {
  modelUrl: string;
  /** A folder that worlds share, so that each adapter is fetched once. */
  adapters: string;
  /** More of the configuration. */
  settings?: string;
}

/** The world of somebody who uses one product for real, with the scripted model behind it. */
export class ProductWorld extends SessionWorld {
  static async open(product: Product, options: ProductWorldOptions): Promise<ProductWorld> {
    const { modelUrl, adapters, settings = "" } = options;
    const world = new ProductWorld({ parent: HOMES_PARENT, settings: `default: ${product}\n${settings}` });
    mkdirSync(adapters, { recursive: true, mode: 0o700 });
    symlinkSync(adapters, join(world.home, "adapters"));
    Object.assign(
      world.environment,
      await prepareHome(product, { home: join(world.root, "user"), modelUrl }),
    );
    return world;
  }

  /** The first line of a task's transcript, past or to come, that fits; goes on over restarts of the daemon. */
  async line(slug: string, fits: (line: TranscriptRecord) => boolean): Promise<TranscriptRecord> {
    const { task } = await this.task(slug);
    for await (const line of this.#lines(task.id)) if (fits(line)) return line;
    throw new Error(`the transcript of ${slug} ended`);
  }

  /** How many turns the agent had. */
  async turns(slug: string): Promise<number> {
    return (await this.transcript(slug)).filter(({ event }) => event.type === "turn_started").length;
  }

  /** Whether each life of the agent went on in the conversation of the one before. */
  async conversations(slug: string): Promise<{ resumed: boolean }[]> {
    const opened = (await this.transcript(slug)).flatMap(({ event }) =>
      event.type === "conversation" ? event : [],
    );
    return opened.map(({ id, resumed }) => ({ resumed: resumed && id === opened[0]?.id }));
  }

  /** A checklist as a file, for `--plan`. */
  plan(...items: string[]): string {
    const path = join(this.root, "plan.md");
    writeFileSync(path, items.map((item) => `- [ ] ${item}\n`).join(""));
    return path;
  }

  /** The content of a file below the world's root, once it is there and not empty. Its folder must be there. */
  async file(path: string): Promise<string> {
    const whole = join(this.root, path);
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = () => {
      const text = textOf(whole);
      if (text !== "") resolve(text);
    };
    const watcher = watch(dirname(whole), look);
    look();
    try {
      return await promise;
    } finally {
      watcher.close();
    }
  }

  /**
   * The living processes of agents and of what they started: all of this world's that are no daemon, host or command of
   * Dispatch. The worker's tools (`mcp`) are their agent's.
   */
  agentProcesses(): { pid: number; command: string }[] {
    const kept = join(this.home, "bin", "[a-z0-9]+");
    const ours = new RegExp(`^(?:${this.self.join(" ")}|${kept}) (?!mcp)`);
    return this.commands().filter(({ command }) => !ours.test(command));
  }

  /** A process of an agent's and those above it, up to the agent itself. */
  lineage(pid: number): number[] {
    const own = new Set(this.agentProcesses().map((each) => each.pid));
    const line: number[] = [];
    for (let at = pid; own.has(at); at = readProcess(at)?.parent ?? 0) line.push(at);
    return line;
  }

  async *#lines(id: TaskId): AsyncGenerator<TranscriptRecord> {
    const { store } = (await this.client.call("health", {}, {})).position;
    const stream = followStream({
      socket: homeFiles(this.home).socket,
      topics: [`task:${id}`],
      after: { store, seq: 0 },
    });
    for await (const item of stream) {
      if (item.type === "reset") throw new Error(`the events of ${id} are no longer held`);
      if (item.event.type === "transcript") yield item.event.record;
    }
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

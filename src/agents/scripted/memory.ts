import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Step } from "./script.ts";

/** What the agent remembers of a conversation. */
interface Memory {
  /** What the user said, turn by turn. */
  turns: string[];
  /** The steps that are still to be played. */
  left: Step[];
  model: string;
  effort: string;
}

/** A conversation in a file, which is written whole at each change, so that it survives a SIGKILL. */
export class StoredConversation {
  readonly id: string;
  readonly #path: string;
  #memory: Memory;

  private constructor(id: string, path: string, memory: Memory) {
    this.id = id;
    this.#path = path;
    this.#memory = memory;
  }

  static create(home: string, model: string, id: string = crypto.randomUUID()): StoredConversation {
    const created = new StoredConversation(id, pathOf(home, id), {
      turns: [],
      left: [],
      model,
      effort: "default",
    });
    created.change({});
    return created;
  }

  /** Null when there is none of this id. */
  static load(home: string, id: string): StoredConversation | null {
    const path = pathOf(home, id);
    if (!existsSync(path)) return null;
    return new StoredConversation(id, path, JSON.parse(readFileSync(path, "utf8")) as Memory);
  }

  /** Another conversation that begins with what was said in this one. */
  copy(home: string): StoredConversation {
    const copy = StoredConversation.create(home, this.#memory.model);
    copy.change({ turns: this.#memory.turns });
    return copy;
  }

  get memory(): Readonly<Memory> {
    return this.#memory;
  }

  change(change: Partial<Memory>): void {
    this.#memory = { ...this.#memory, ...change };
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#memory));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** The model of the conversation of a home in which something was said. */
export function modelInUse(home: string): string | undefined {
  const ids = readdirSync(join(home, ".scripted")).map((name) => basename(name, ".json"));
  const all = ids.map((id) => StoredConversation.load(home, id)!.memory);
  return all.find(({ turns }) => turns.length > 0)?.model;
}

function pathOf(home: string, id: string): string {
  const folder = join(home, ".scripted");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${encodeURIComponent(id)}.json`);
}

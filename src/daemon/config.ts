import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { DispatchError } from "../base/error.ts";
import { Config } from "../protocol/config.ts";
import type { Document } from "yaml";
import type * as ConfigText from "./config-text.ts";

/** A configuration file at the most; beyond it something else stands there. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** What the configuration says now; without a file `text` is empty and everything has its default. */
export interface ConfigState {
  text: string;
  /** As written, unknown keys included. */
  value: Record<string, unknown>;
  config: Config;
}

/** One change: a key by its parts, and its value; undefined removes it. */
export interface ConfigEdit {
  key: readonly string[];
  value: unknown;
}

/**
 * The user's configuration file. It is read again when it has changed. Everything here is synchronous, so that no edit
 * comes between the reading and the writing of another.
 */
export class ConfigFile {
  readonly path: string;
  /** Where the last text without a fault is kept, for a daemon that begins while the file has one. */
  readonly #kept: string | null;
  #stamp: string | null = null;
  #state: ConfigState = { text: "", value: {}, config: Config.parse({}) };

  constructor(path: string, { kept = null }: { kept?: string | null } = {}) {
    this.path = path;
    this.#kept = kept;
  }

  /** @throws DispatchError `invalid` with the place of a fault, `too_large`, `unavailable` when it cannot be read */
  read(): Config {
    return this.contents().config;
  }

  /** The same with its text. @throws DispatchError as `read` */
  contents(): ConfigState {
    const stamp = stampOf(this.path);
    if (stamp !== this.#stamp) this.#take(this.#parsed(), stamp);
    return this.#state;
  }

  /** False where nothing was ever written: then everything has its default. */
  exists(): boolean {
    return stampOf(this.path) !== "none";
  }

  /** The configuration that was last read without a fault: for what must go on while a person is editing it. */
  last(): Config {
    return this.#state.config;
  }

  /**
   * What the file says now; while it has a fault, what it said last.
   * @throws DispatchError as `read`, where it never said anything without a fault
   */
  sound(): Config {
    try {
      return this.read();
    } catch (error) {
      if (!(error instanceof DispatchError) || this.#stamp === null) throw error;
      return this.last();
    }
  }

  /**
   * Makes changes and writes the file, all or none. Comments and unknown keys stay.
   * @throws DispatchError as `read`, and `invalid` when the result would be no configuration: then nothing is written
   */
  edit(edits: readonly ConfigEdit[]): ConfigState {
    return this.#write(this.edited(edits));
  }

  /** What the file would say with these changes. @throws DispatchError as `edit` */
  edited(edits: readonly ConfigEdit[]): ConfigState {
    const { editConfig } = loadParser();
    return this.transformed((document) => {
      for (const { key, value } of edits) editConfig(document, key, value);
    });
  }

  /** The same with a change of the document itself. @throws DispatchError as `edit` */
  transformed(change: (document: Document) => void): ConfigState {
    const { document } = loadParser().parseConfig(readText(this.path), this.path);
    change(document);
    return parse(document.contents === null ? "" : document.toString({ lineWidth: 0 }), null);
  }

  /** Writes the whole file. @throws DispatchError as `edit` */
  create(text: string): ConfigState {
    return this.#write(parse(text, this.path));
  }

  #write(state: ConfigState): ConfigState {
    replaceText(this.path, state.text);
    this.#take(state, stampOf(this.path));
    return this.#state;
  }

  #parsed(): ConfigState {
    try {
      return parse(readText(this.path), this.path);
    } catch (error) {
      this.#recall();
      throw error;
    }
  }

  #take(state: ConfigState, stamp: string): void {
    this.#state = state;
    this.#stamp = stamp;
    if (this.#kept !== null && readText(this.#kept) !== state.text) keep(this.#kept, state.text);
  }

  /** Takes what an earlier daemon kept, where nothing was read yet. */
  #recall(): void {
    if (this.#stamp !== null || this.#kept === null || !existsSync(this.#kept)) return;
    const text = readText(this.#kept);
    const sound = readSound(text);
    if (!sound) return;
    this.#state = { text, ...sound };
    this.#stamp = "kept";
  }
}

/** A disk that is full is no reason not to read: the copy only serves a later daemon. */
function keep(path: string, text: string): void {
  try {
    replaceText(path, text);
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
  }
}

function parse(text: string, path: string | null): ConfigState {
  const { value, config } = readSound(text) ?? loadParser().parseConfig(text, path);
  return { text, value, config };
}

/** What a file without a fault says, by the runtime's own parser; null for one that has any. */
function readSound(text: string): Omit<ConfigState, "text"> | null {
  const sections = text.match(/^[\w-]+(?=:)/gm) ?? [];
  if (new Set(sections).size < sections.length) return null; // it would take the last of two without a word
  try {
    const value = (text === "" ? null : Bun.YAML.parse(text)) ?? {};
    const { success, data } = Config.safeParse(value);
    return success ? { value: value as Record<string, unknown>, config: data } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The library that keeps comments and knows places. It costs 10 MB and 20 ms: for edits and faults only. */
function loadParser(): typeof ConfigText {
  return require("./config-text.ts") as typeof ConfigText;
}

/** What changes when the file does. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : "none";
}

function readText(path: string): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return "";
  if (size > MAX_CONFIG_BYTES)
    throw new DispatchError("too_large", `${path} is longer than ${MAX_CONFIG_BYTES} bytes`);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new DispatchError("unavailable", `${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The file is there as it was or as it shall be, whenever the machine stops. A link stays one: its target is written. */
function replaceText(path: string, text: string): void {
  const target = statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : path;
  const draft = `${target}.new`;
  try {
    const fd = openSync(draft, "w", 0o600);
    writeFileSync(fd, text, { flush: true });
    closeSync(fd);
    renameSync(draft, target);
  } catch (error) {
    throw new DispatchError("unavailable", `${path} cannot be written: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

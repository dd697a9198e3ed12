import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { typable } from "../agents/terminal/typable.ts";
import { cleanLine } from "../core/line.ts";
import type { Pane } from "../protocol/outside.ts";
import type { Environment } from "./environment.ts";

/** What a tmux server gets to answer, in milliseconds; one that hangs is passed over. */
const ANSWER_MS = 1_000;
const MAX_PANES = 1_000;
const FIELDS = ["pane_id", "pane_pid", "pane_dead"] as const;

/** A pane with the process that was started in it. */
export interface FoundPane extends Pane {
  readonly pid: number;
}

/** What frames are drawn with, which may stand before a prompt. */
const FRAME_BEFORE = /^[\s\u2500-\u259f|]*/;

/** What became of a text that was to be typed. `unsure`: tmux did not say. */
type Typed = "typed" | "not-typed" | "unsure";

/** The tmux servers of this user: those in the usual folder, and the one that the daemon was started in. */
export class Tmux {
  readonly #program: string | null;
  readonly #environment: Environment;
  readonly #servers = new Set<string>();

  constructor(environment: Environment) {
    this.#program = Bun.which("tmux", { PATH: environment["PATH"] ?? "" });
    this.#environment = environment;
    this.learn(serverOf(environment["TMUX"]));
  }

  /** Another server, by its socket. */
  learn(server: string | null): void {
    if (server !== null && isSocketOfOurs(server)) this.#servers.add(server);
  }

  /** The living panes of all servers; empty where there is no tmux. */
  async panes(): Promise<FoundPane[]> {
    const found = await Promise.all(this.#sockets().map((server) => this.#panesOf(server)));
    return found.flat().slice(0, MAX_PANES);
  }

  /** True where a pane stands at a prompt with one of these marks, and nobody has typed anything there. */
  async isAtPrompt(pane: Pane, marks: readonly string[]): Promise<boolean> {
    return (await this.#stateAtPrompt(pane, marks)) !== null;
  }

  /**
   * Pastes a text into a pane and sends it, where the pane is as it was seen: the same program in front, its cursor at
   * the empty prompt. Nothing in the text ends its paste.
   * @param options.key names the paste among others
   */
  async type(
    pane: Pane,
    text: string,
    { key, marks }: { key: string; marks: readonly string[] },
  ): Promise<Typed> {
    const { server, id } = pane;
    const buffer = `dispatch-${key}`;
    const state = await this.#stateAtPrompt(pane, marks);
    if (state === null) return "not-typed";
    const loaded = await this.#run(server, ["load-buffer", "-b", buffer, "-"], typable(text));
    if (loaded === null) return "not-typed";
    const paste = `paste-buffer -p -r -d -b ${buffer} -t ${id} ; send-keys -t ${id} Enter ; display-message -p typed`;
    const same = ["if-shell", "-F", "-t", id, `#{==:${STATE},${state}}`];
    const said = await this.#run(server, [...same, paste, `delete-buffer -b ${buffer}`]);
    if (said === null) return "unsure";
    return said.trim() === "typed" ? "typed" : "not-typed";
  }

  /** The state of a pane that stands at an empty prompt, as STATE puts it; null for any other. */
  async #stateAtPrompt({ server, id }: Pane, marks: readonly string[]): Promise<string | null> {
    const said = await this.#run(server, ["display-message", "-p", "-t", id, STATE]);
    const [state, x, y] = FREE.exec(said?.trim() ?? "") ?? [];
    if (state === undefined) return null;
    const screen = await this.#run(server, ["capture-pane", "-p", "-t", id]);
    const row = screen?.split("\n")[Number(y)] ?? ""; // without the blanks at its end
    const before = row
      .padEnd(Number(x))
      .slice(0, Number(x))
      .replaceAll("\u00a0", " ")
      .replace(FRAME_BEFORE, "");
    return marks.some((mark) => before === `${mark} `) ? state : null;
  }

  #sockets(): string[] {
    if (this.#program === null) return [];
    const folder = join(this.#environment["TMUX_TMPDIR"] ?? "/tmp", `tmux-${process.getuid!()}`);
    const usual = namesIn(folder).map((name) => join(folder, name));
    return [...new Set([...usual, ...this.#servers])].filter(isSocketOfOurs);
  }

  async #panesOf(server: string): Promise<FoundPane[]> {
    const format = [...FIELDS.map((name) => `#{${name}}`), "#{session_name}:#{window_index}.#{pane_index}"];
    const said = await this.#run(server, ["list-panes", "-a", "-F", format.join(" ")]);
    return (said ?? "").split("\n").flatMap((line) => {
      const [, id, pid, dead, address] = /^(%\d+) (\d+) (\d) (.+)$/.exec(line) ?? [];
      if (id === undefined || dead !== "0") return [];
      return { server, id, pid: Number(pid), address: cleanLine(address!) };
    });
  }

  /** What a command of a server printed; null where it failed. */
  async #run(server: string, words: string[], input?: string): Promise<string | null> {
    const child = Bun.spawn([this.#program!, "-u", "-S", server, ...words], {
      env: { ...this.#environment, TMUX: undefined },
      stdin: input === undefined ? "ignore" : Buffer.from(input),
      stdout: "pipe",
      stderr: "ignore",
      timeout: ANSWER_MS,
    });
    const text = await new Response(child.stdout).text();
    return (await child.exited) === 0 ? text : null;
  }
}

/** No mode, a living pane, and a program whose name says nothing to tmux: the state becomes part of a format. */
const FREE = /^0-0-\d+-[\w.-]+-(\d+)-(\d+)$/;
/** What must not change between a look and a paste: no mode of tmux's own is on, who is in front, where the cursor is. */
const STATE = "#{pane_in_mode}-#{pane_dead}-#{pane_pid}-#{pane_current_command}-#{cursor_x}-#{cursor_y}";

/** The socket in what tmux puts into the environment of its panes; null for nothing. */
export function serverOf(variable: string | undefined): string | null {
  return variable?.split(",")[0] || null;
}

function isSocketOfOurs(path: string): boolean {
  const info = lstatSync(path, { throwIfNoEntry: false });
  return info !== undefined && info.isSocket() && info.uid === process.getuid!();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return [];
    throw error;
  }
}

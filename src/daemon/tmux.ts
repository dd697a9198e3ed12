import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
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

/** The prompt of an agent that waits for words, with nothing typed behind it yet. */
const PROMPT = /^[\s│|]*[❯›>][\s\u00a0]/u;

// What a terminal would obey, but line feed and tab. What ends a bracketed paste begins with one of them.
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

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

  /** True where a pane stands at the prompt of an agent, and nobody has typed anything there. */
  async isAtPrompt(pane: Pane): Promise<boolean> {
    return (await this.#cursorAtPrompt(pane)) !== null;
  }

  /**
   * Pastes a text into a pane and sends it, where the pane is as it was seen: the same program in front, its cursor at
   * the empty prompt. Control characters are left out, so that the text ends where its paste does.
   * @param key names the paste among others
   * @returns false where the pane was not so any more: nothing was typed
   */
  async type(pane: Pane, text: string, { key }: { key: string }): Promise<boolean> {
    const { server, id: target } = pane;
    const cursor = await this.#cursorAtPrompt(pane);
    if (cursor === null) return false;
    const buffer = `dispatch-${key}`;
    const clean = text.replaceAll("\r\n", "\n").replace(OBEYED, "");
    if ((await this.#run(server, ["load-buffer", "-b", buffer, "-"], clean)) === null) return false;
    const same = `#{==:${STATE},${cursor}}`;
    const paste = `paste-buffer -p -r -d -b ${buffer} -t ${target}`;
    const then = `${paste} ; send-keys -t ${target} Enter ; display-message -p typed`;
    const said = await this.#run(server, [
      "if-shell",
      "-F",
      "-t",
      target,
      same,
      then,
      `delete-buffer -b ${buffer}`,
    ]);
    return said?.trim() === "typed";
  }

  /** The state of a pane that stands at an empty prompt, as STATE puts it; null for any other. */
  async #cursorAtPrompt({ server, id }: Pane): Promise<string | null> {
    const format = `#{cursor_x} #{cursor_y} ${STATE}`;
    const said = await this.#run(server, ["display-message", "-p", "-t", id, format]);
    const [, x, y, state] = /^(\d+) (\d+) (\S+)$/.exec(said?.trim() ?? "") ?? [];
    if (state === undefined || !FREE.test(state)) return null;
    const screen = await this.#run(server, ["capture-pane", "-p", "-t", id]);
    const row = screen?.split("\n")[Number(y)] ?? ""; // without the blanks at its end
    return PROMPT.exec(row.padEnd(Number(x)))?.[0].length === Number(x) ? state : null;
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
const FREE = /^0-0-\d+-[\w.-]+-\d+-\d+$/;
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

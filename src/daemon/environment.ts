import { delimiter } from "node:path";
import { isShared } from "../protocol/environment.ts";

/** What a login shell gets to print its environment, in milliseconds. */
const LOGIN_SHELL_MS = 5_000;

export type Environment = Record<string, string>;

/**
 * The part of an environment that an agent may see. Everything else is dropped, so that no secret of another program,
 * and no switch of a surrounding agent, reaches it.
 * @param own the product's own variables: names, and prefixes that end in `*`
 */
export function listed(environment: Environment, own: readonly string[]): Environment {
  const names = new Set(own.filter((name) => !name.endsWith("*")));
  const prefixes = own.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  const isOwn = (name: string) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isShared(name) || isOwn(name)));
}

/** The caller's environment of each task, in memory only; after a restart of the daemon the login shell's values serve. */
export class Environments {
  readonly #callers = new Map<string, Environment>();
  readonly #own: Environment;
  #login: Promise<Environment> | null = null;

  /** @param own what the daemon was started with */
  constructor(own: Environment) {
    this.#own = own;
  }

  keep(key: string, environment: Environment): void {
    this.#callers.set(key, environment);
  }

  forget(key: string): void {
    this.#callers.delete(key);
  }

  async of(key: string): Promise<Environment> {
    const caller = this.#callers.get(key);
    if (caller) return caller;
    this.#login ??= loginEnvironment(this.#own);
    return this.#login;
  }
}

/** What the user's login shell sets, over the daemon's own values; a program is also found where the daemon finds it. */
async function loginEnvironment(own: Environment): Promise<Environment> {
  const shell = own["SHELL"] ?? "/bin/sh";
  try {
    const child = Bun.spawn([shell, "-lc", "env -0"], {
      env: listed(own, []),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      timeout: LOGIN_SHELL_MS,
      killSignal: "SIGKILL",
    });
    const text = await new Response(child.stdout).text();
    if ((await child.exited) !== 0) return own;
    const set = readVariables(text);
    return { ...own, ...set, PATH: joined(set["PATH"], own["PATH"]) };
  } catch (error) {
    if (error instanceof Error && "code" in error) return own; // the shell named by SHELL is not there
    throw error;
  }
}

/** The folders of both, those of the first before what only the other has. */
function joined(first = "", other = ""): string {
  const folders = [...first.split(delimiter), ...other.split(delimiter)].filter((each) => each !== "");
  return [...new Set(folders)].join(delimiter);
}

/** @param text what `env -0` prints */
function readVariables(text: string): Environment {
  const lines = text.split("\0").filter((line) => line.includes("="));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentInfo } from "../protocol/agent.ts";
import { abilitiesOf } from "./abilities.ts";
import type { AgentRow, Login, Program, UserFile } from "./agent-row.ts";
import { CATALOG } from "./catalog.ts";
import { within } from "../base/within.ts";
import { signalGroup } from "../processes/group.ts";

/** What a product gets to say its version or whether it is logged in. The slowest seen took 2 seconds. */
const ANSWER_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** An agent as the config has it; `words` are its command there, null where it has none. */
export interface ConfiguredAgent {
  readonly agent: string;
  readonly row: AgentRow;
  readonly words: readonly string[] | null;
}

/** The products as they are without a config. */
export const PRODUCTS: readonly ConfiguredAgent[] = CATALOG.filter(({ agent }) => agent !== "acp").map(
  (row) => ({
    agent: row.agent,
    row,
    words: null,
  }),
);

interface Search {
  readonly agents: readonly ConfiguredAgent[];
  /** How long each of them gets to answer. */
  readonly limitMs: number | undefined;
}

/**
 * Which agents are on this machine, in their order, and what is missing. The products are asked at the same time, by
 * their own commands; no credential is read.
 * @param environment the user's: PATH and HOME, and what the products' own variables are
 */
export async function findAgents(
  environment: Readonly<Record<string, string>>,
  { agents = PRODUCTS, limitMs = ANSWER_MS }: Partial<Search> = {},
): Promise<AgentInfo[]> {
  return Promise.all(agents.map((each) => findAgent(each, { environment, limitMs })));
}

/** Where the product's program is, or null. */
export function findProgram(program: Program, environment: Readonly<Record<string, string>>): string | null {
  for (const name of program.names) {
    const path = Bun.which(name, { PATH: environment["PATH"] ?? "" });
    if (path !== null) return path;
  }
  return null;
}

/** Whose machine it is, and how long a product gets to answer. */
interface Inquiry {
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

async function findAgent({ agent, row, words }: ConfiguredAgent, inquiry: Inquiry): Promise<AgentInfo> {
  const { environment } = inquiry;
  const base = { agent, name: row.name, ...abilitiesOf(row), problem: null, hint: null };
  if (row.protocol === "shell") {
    const path = environment["SHELL"] ?? "/bin/sh";
    return { ...base, installed: true, path, version: null, login: "yes" };
  }
  const path = pathOf(row, words, environment);
  if (path === null) return { ...base, ...absent(row, words) };
  if (row.program === null) {
    return { ...base, name: words!.join(" "), installed: true, path, version: null, login: "unknown" };
  }
  const [said, login] = await Promise.all([
    versionOf(path, row.program, inquiry),
    loginOf(path, row.program.login, inquiry),
  ]);
  const version = said === "late" ? null : said; // one that is only slow is not broken
  if (said === null) {
    const problem = `${path} does not start: it printed no version`;
    return { ...base, installed: true, path, version, login, problem, hint: row.program.install };
  }
  if (login !== "no") return { ...base, installed: true, path, version, login };
  const problem = `${row.name} is not logged in`;
  return { ...base, installed: true, path, version, login, problem, hint: row.program.logIn };
}

function pathOf(
  { program }: Exclude<AgentRow, { protocol: "shell" }>,
  words: ConfiguredAgent["words"],
  environment: Inquiry["environment"],
): string | null {
  const [named] = words ?? [];
  if (named !== undefined) return Bun.which(named, { PATH: environment["PATH"] ?? "" });
  return program === null ? null : findProgram(program, environment);
}

function absent(
  { name, program }: Exclude<AgentRow, { protocol: "shell" }>,
  words: ConfiguredAgent["words"],
) {
  return {
    installed: false,
    path: null,
    version: null,
    login: "unknown" as const,
    problem: program === null ? `there is no program ${words?.[0] ?? "for it"}` : `${name} is not installed`,
    hint: program?.install ?? null,
  };
}

async function versionOf(path: string, program: Program, inquiry: Inquiry): Promise<string | null> {
  const { code, text, late } = await ask([path, ...program.versionArguments], inquiry);
  if (late) return "late";
  return code === 0 ? (/\d+\.\d+[\w.+-]*/.exec(text)?.[0] ?? null) : null;
}

async function loginOf(path: string, login: Login, inquiry: Inquiry): Promise<AgentInfo["login"]> {
  const { environment } = inquiry;
  if (login.variables.some((name) => (environment[name] ?? "") !== "")) return "yes";
  if (login.files.some((file) => existsSync(locate(file, environment)))) return "yes";
  if (login.statusArguments === null) return login.without;
  const { code } = await ask([path, ...login.statusArguments], inquiry);
  if (code === null) return "unknown";
  return code === 0 ? "yes" : login.without;
}

function locate(file: UserFile, environment: Readonly<Record<string, string>>): string {
  return join(environment[file.variable] ?? join(environment["HOME"] ?? "", file.folder), file.path);
}

/** Runs a command of a product; `code` is null when it did not end by itself in time (`late`) or did not start. */
async function ask(
  command: string[],
  { environment, limitMs }: Inquiry,
): Promise<{ code: number | null; text: string; late: boolean }> {
  try {
    const child = Bun.spawn(command, {
      env: { ...environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      detached: true, // leads a group, which is ended as a whole
      maxBuffer: MAX_ANSWER_BYTES,
    });
    const answer = await within(Promise.all([new Response(child.stdout).text(), child.exited]), limitMs);
    signalGroup(child, "SIGKILL");
    return { code: child.exitCode, text: answer?.[0] ?? "", late: answer === undefined };
  } catch (error) {
    if (error instanceof Error && "code" in error) return { code: null, text: "", late: false }; // not a program of this machine
    throw error;
  }
}

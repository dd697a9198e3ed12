import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentInfo } from "../protocol/agent.ts";
import type { AgentRow, Login, Program, UserFile } from "./agent-row.ts";
import { CATALOG } from "./catalog.ts";
import { thinkingLevels } from "./thinking.ts";

/** The longest that a product gets to say its version or whether it is logged in. The slowest seen took 2 seconds. */
const ANSWER_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Which products are on this machine, in the catalog's order, and what is missing. The products are asked at the same
 * time, by their own commands; no credential is read.
 * @param environment the user's: PATH and HOME, and what the products' own variables are
 */
export async function findAgents(environment: Readonly<Record<string, string>>): Promise<AgentInfo[]> {
  const found = await Promise.all(CATALOG.map((row) => findAgent(row, environment)));
  return found.filter((info) => info !== null);
}

/** Where the product's program is, or null. */
export function findProgram(program: Program, environment: Readonly<Record<string, string>>): string | null {
  for (const name of program.names) {
    const path = Bun.which(name, { PATH: environment["PATH"] ?? "" });
    if (path !== null) return path;
  }
  return null;
}

async function findAgent(
  row: AgentRow,
  environment: Readonly<Record<string, string>>,
): Promise<AgentInfo | null> {
  const { agent, name, workerTools } = row;
  const ungated = row.protocol === "acp" ? row.ungated : null;
  const thinking = thinkingLevels(row);
  const base = { agent, name, workerTools, thinking, ungated, problem: null, hint: null };
  if (row.protocol === "shell") {
    const path = environment["SHELL"] ?? "/bin/sh";
    return { ...base, installed: true, path, version: null, login: "yes" };
  }
  if (row.program === null) return null;
  const path = findProgram(row.program, environment);
  if (path === null) return { ...base, ...absent(row.name, row.program) };
  const [version, login] = await Promise.all([
    versionOf(path, row.program, environment),
    loginOf(path, row.program.login, environment),
  ]);
  if (version === null) {
    const problem = `${path} does not start: it printed no version`;
    return { ...base, installed: true, path, version, login, problem, hint: row.program.install };
  }
  if (login !== "no") return { ...base, installed: true, path, version, login };
  const problem = `${row.name} is not logged in`;
  return { ...base, installed: true, path, version, login, problem, hint: row.program.logIn };
}

function absent(name: string, program: Program) {
  return {
    installed: false,
    path: null,
    version: null,
    login: "unknown" as const,
    problem: `${name} is not installed`,
    hint: program.install,
  };
}

async function versionOf(
  path: string,
  program: Program,
  environment: Readonly<Record<string, string>>,
): Promise<string | null> {
  const { code, text } = await ask([path, ...program.versionArguments], environment);
  return code === 0 ? (/\d+\.\d+[\w.+-]*/.exec(text)?.[0] ?? null) : null;
}

async function loginOf(
  path: string,
  login: Login,
  environment: Readonly<Record<string, string>>,
): Promise<AgentInfo["login"]> {
  if (login.variables.some((name) => (environment[name] ?? "") !== "")) return "yes";
  if (login.files.some((file) => existsSync(locate(file, environment)))) return "yes";
  if (login.statusArguments === null) return login.without;
  const { code } = await ask([path, ...login.statusArguments], environment);
  if (code === null) return "unknown";
  return code === 0 ? "yes" : login.without;
}

function locate(file: UserFile, environment: Readonly<Record<string, string>>): string {
  return join(environment[file.variable] ?? join(environment["HOME"] ?? "", file.folder), file.path);
}

/** Runs a command of a product; `code` is null when it did not end by itself within ANSWER_MS or did not start. */
async function ask(
  command: string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; text: string }> {
  try {
    const child = Bun.spawn(command, {
      env: { ...environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      timeout: ANSWER_MS,
      killSignal: "SIGKILL",
      maxBuffer: MAX_ANSWER_BYTES,
    });
    const text = await new Response(child.stdout).text();
    await child.exited;
    return { code: child.exitCode, text };
  } catch (error) {
    if (error instanceof Error && "code" in error) return { code: null, text: "" }; // not a program of this machine
    throw error;
  }
}

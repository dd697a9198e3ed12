import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { acquireLock, type Lock } from "../base/lock.ts";
import { PLAIN_BUN, PLAIN_BUN_INSTALL } from "../processes/plain-bun.ts";
import { ADAPTER_PACKAGES, type AdapterPackage } from "./adapter-packages.ts";
import type { AdapterName } from "./agent-row.ts";
import { nextChange } from "./folder-change.ts";

/** A command and what its environment needs beside the caller's. */
export interface AgentCommand {
  command: string[];
  environment: Record<string, string>;
}

export interface AdapterOptions {
  /** DISPATCH_HOME. */
  home: string;
  /** The program that is bun: our own, which acts as bun under BUN_BE_BUN, or the bun that runs our source. */
  self: string;
  /** Whoever's adapter it is: PATH, HOME, proxies, and what they tell their package manager. */
  environment: Readonly<Record<string, string>>;
}

/** How long an installation may take, here or in another process that we wait for. */
const INSTALL_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_REASON_CHARS = 300;

/** What makes our program bun would make it bun in every child, a worker's tools among them: so it is taken back. */
const PRELOAD = { name: "be-bun-once.js", text: "delete process.env.BUN_BE_BUN;\n" };
/**
 * An installation is our program as bun. It ends when we are killed, so that nobody writes into a folder that the next
 * holder of the lock clears away.
 */
const BUN_FOR_US = { BUN_BE_BUN: "1", BUN_FEATURE_FLAG_NO_ORPHANS: "1" };
/** Settings that would run code of the caller's in our bun. */
const DROPPED = ["BUN_OPTIONS", "NODE_OPTIONS", "BUN_INSPECT", "BUN_INSPECT_PRELOAD"];

/**
 * The command of an adapter: the one on the PATH as it is, else our own copy of the locked version, fetched now when it
 * is not there yet. The packages come from the registry that the machine is set up for and are checked against the
 * embedded hashes; none of their scripts runs, and the agents that they bring along are left out.
 * Calls may overlap, in one process or in several: one installs, the others wait for it.
 * @throws DispatchError `unavailable` when it cannot be fetched
 */
export async function ensureAdapter(name: AdapterName, options: AdapterOptions): Promise<AgentCommand> {
  const onPath = adapterOnPath(name, options);
  if (onPath !== null) return { command: [onPath], environment: {} };
  const place = placeOf(name, options);
  const { adapter, folder } = place;
  if (!existsSync(folder)) await installOnce(place, options);
  return {
    command: [
      options.self,
      ...PLAIN_BUN,
      "--preload",
      join(folder, PRELOAD.name),
      join(folder, adapter.entry),
    ],
    environment: { BUN_BE_BUN: "1" },
  };
}

/** True where an adapter starts without being fetched. */
export function hasAdapter(name: AdapterName, options: Omit<AdapterOptions, "self">): boolean {
  return adapterOnPath(name, options) !== null || existsSync(placeOf(name, options).folder);
}

/** Whether the registry that the machine is set up for tells of an adapter within `limitMs`. */
export async function isAdapterOffered(
  name: AdapterName,
  options: AdapterOptions,
  limitMs: number,
): Promise<boolean> {
  const { name: wanted, version } = ADAPTER_PACKAGES[name];
  const words = ["info", `${wanted}@${version}`, "version"];
  return (await runBun(words, { ...options, folder: options.home, limitMs })).code === 0;
}

function adapterOnPath(
  name: AdapterName,
  { environment }: Pick<AdapterOptions, "environment">,
): string | null {
  return Bun.which(name, { PATH: environment["PATH"] ?? "" });
}

function placeOf(name: AdapterName, { home }: Pick<AdapterOptions, "home">): Place {
  const adapter = ADAPTER_PACKAGES[name];
  const parent = join(home, "adapters");
  return { name, adapter, parent, folder: join(parent, `${name}-${adapter.version}`) };
}

interface Place {
  name: AdapterName;
  adapter: AdapterPackage;
  parent: string;
  folder: string;
}

async function installOnce(place: Place, options: AdapterOptions): Promise<void> {
  await mkdir(place.parent, { recursive: true, mode: 0o700 });
  const deadline = AbortSignal.timeout(INSTALL_MS);
  while (!existsSync(place.folder)) {
    // Watched before the lock is tried: its holder may be done in between.
    const change = nextChange(place.parent, deadline);
    try {
      const lock = acquireLock(join(place.parent, `${place.name}.lock`));
      if (lock !== null) await installUnder(lock, place, options);
      else if (!(await change.seen)) throw busy(place);
    } finally {
      change.close();
    }
  }
}

async function installUnder(lock: Lock, place: Place, options: AdapterOptions): Promise<void> {
  try {
    if (!existsSync(place.folder)) await install(place, options);
  } finally {
    lock.release();
  }
}

/** What a killed installation left is nobody's. The folder appears whole, by its rename, or not at all. */
async function install({ name, adapter, parent, folder }: Place, options: AdapterOptions): Promise<void> {
  const prefix = `.${name}-`;
  for (const entry of await readdir(parent)) {
    if (entry.startsWith(prefix)) await rm(join(parent, entry), { recursive: true });
  }
  const work = await mkdtemp(join(parent, prefix));
  try {
    await Bun.write(join(work, "package.json"), JSON.stringify(adapter.manifest, null, 2));
    await Bun.write(join(work, "bun.lock"), JSON.stringify(adapter.lock, null, 2));
    await Bun.write(join(work, PRELOAD.name), PRELOAD.text);
    await bunInstall(name, work, options);
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function bunInstall(name: AdapterName, folder: string, options: AdapterOptions): Promise<void> {
  const words = ["install", "--frozen-lockfile", "--ignore-scripts", "--omit=optional", "--no-progress"];
  const { code, said } = await runBun(words, { ...options, folder, limitMs: INSTALL_MS });
  if (code === 0) return;
  const reason = said.split("\n").find((line) => line.startsWith("error")) ?? "it was ended";
  throw new DispatchError(
    "unavailable",
    `${name} could not be fetched: ${reason.slice(0, MAX_REASON_CHARS)}`,
    {
      hint: byHand(name),
    },
  );
}

/** Our program as bun, in the caller's environment, for `limitMs` at the most. */
async function runBun(
  words: readonly string[],
  { self, environment, folder, limitMs }: AdapterOptions & { folder: string; limitMs: number },
): Promise<{ code: number; said: string }> {
  const child = Bun.spawn([self, ...PLAIN_BUN_INSTALL, ...words], {
    cwd: folder,
    env: { ...without(environment, DROPPED), ...BUN_FOR_US },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: limitMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const said = await new Response(child.stderr).text();
  return { code: await child.exited, said };
}

function without(environment: AdapterOptions["environment"], names: readonly string[]) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}

function busy({ name }: Place): DispatchError {
  return new DispatchError("unavailable", `${name} is being fetched by another process, which does not end`, {
    hint: byHand(name),
  });
}

function byHand(name: AdapterName): string {
  const adapter = ADAPTER_PACKAGES[name];
  return `npm install -g ${adapter.name}@${adapter.version}`;
}

import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { acquireLock } from "../base/lock.ts";
import { ADAPTER_PACKAGES } from "./adapter-packages.ts";
import { ensureAdapter, type AdapterOptions, type AgentCommand } from "./adapters.ts";

const FOLDER = `codex-acp-${ADAPTER_PACKAGES["codex-acp"].version}`;
const NOBODY_LISTENS = "http://127.0.0.1:1/";

let root: string;
let adapters: string;
let options: AdapterOptions;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "dispatch-adapters-"));
  adapters = join(root, "dispatch", "adapters");
  await mkdir(adapters, { recursive: true });
  const environment = { HOME: root, PATH: join(root, "bin"), npm_config_registry: NOBODY_LISTENS };
  options = { home: join(root, "dispatch"), self: process.execPath, environment };
});
afterEach(() => rm(root, { recursive: true }));

/** Our own copy of an adapter, as an installation leaves it, with this program. */
async function adapterOf(program: string): Promise<AgentCommand> {
  await mkdir(join(adapters, FOLDER));
  const adapter = await ensureAdapter("codex-acp", options);
  await Bun.write(adapter.command.at(-1)!, program);
  await Bun.write(adapter.command.at(-2)!, "");
  return adapter;
}

test("an adapter on the PATH is used as it is", async () => {
  const path = join(root, "bin", "codex-acp");
  await Bun.write(path, "#!/bin/sh\n");
  await chmod(path, 0o755);
  expect(await ensureAdapter("codex-acp", options)).toEqual({ command: [path], environment: {} });
});

test("an adapter that is there is run by our own program, which is bun for that process only", async () => {
  await mkdir(join(adapters, FOLDER));
  const { command, environment } = await ensureAdapter("codex-acp", options);
  expect(command[0]).toBe(process.execPath);
  expect(command.at(-1)).toStartWith(join(adapters, FOLDER));
  expect(environment).toEqual({ BUN_BE_BUN: "1" });
});

test("an adapter runs nothing of the folder that it works in", async () => {
  const { command, environment } = await adapterOf('console.log("the adapter")');
  const hostile = join(root, "hostile");
  await Bun.write(join(hostile, "evil.ts"), 'console.log("evil");');
  await Bun.write(join(hostile, "bunfig.toml"), 'preload = ["./evil.ts"]');
  await Bun.write(join(hostile, ".env"), "BUN_OPTIONS=--preload=./evil.ts");
  await Bun.write(
    join(hostile, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { paths: { "*": ["./evil.ts"] } } }),
  );
  const child = Bun.spawn(command, { cwd: hostile, env: environment, stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toBe("the adapter\n");
});

test("without a registry it says what to do, and leaves nothing behind", async () => {
  await mkdir(join(adapters, ".codex-acp-of-a-killed-process"));
  const failed = await ensureAdapter("codex-acp", options).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(DispatchError);
  expect(failed).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("ConnectionRefused"),
    hint: expect.stringContaining("npm install"),
  });
  expect(await readdir(adapters)).toEqual(["codex-acp.lock"]);
}, 120_000);

test("while somebody else installs it, it waits for them", async () => {
  const lock = acquireLock(join(adapters, "codex-acp.lock"));
  const waiting = ensureAdapter("codex-acp", options);
  await mkdir(join(adapters, FOLDER));
  lock?.release();
  expect((await waiting).command).toContain(process.execPath);
  expect(existsSync(join(adapters, FOLDER, "node_modules"))).toBe(false);
});

import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAgents } from "./find.ts";

let home: string;
let environment: Record<string, string>;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "dispatch-find-"));
  environment = { HOME: home, PATH: join(home, "bin") };
});
afterEach(() => rm(home, { recursive: true }));

/** A program that answers `--version`, and any other call by its exit code. */
async function install(name: string, { version = "1.2.3", status = 0 } = {}): Promise<string> {
  const path = join(home, "bin", name);
  await mkdir(join(home, "bin"), { recursive: true });
  await Bun.write(
    path,
    `#!/bin/sh\n[ "$1" = --version ] && echo "${name} ${version} (x)" && exit\nexit ${status}\n`,
  );
  await chmod(path, 0o755);
  return path;
}

async function found(agent: string) {
  return (await findAgents(environment)).find((info) => info.agent === agent);
}

test("what is not on the PATH is not installed, and the hint says how to get it", async () => {
  const codex = await found("codex");
  expect(codex).toMatchObject({ installed: false, path: null, version: null });
  expect(codex?.hint).toContain("npm install");
});

test("the shell agent is always there", async () => {
  expect(await found("shell")).toMatchObject({ installed: true, login: "yes", workerTools: "files" });
});

test("a program says its version; a variable of its own is a login", async () => {
  const path = await install("claude", { version: "2.1.329", status: 1 });
  expect(await found("claude")).toMatchObject({ path, version: "2.1.329", login: "no" });
  environment["ANTHROPIC_API_KEY"] = "set";
  expect(await found("claude")).toMatchObject({ login: "yes", problem: null, hint: null });
});

test("a credentials file is a login, without being read", async () => {
  await install("codex", { status: 1 });
  expect(await found("codex")).toMatchObject({ login: "no", hint: "codex login" });
  await Bun.write(join(home, ".codex", "auth.json"), "not even JSON");
  expect(await found("codex")).toMatchObject({ login: "yes" });
});

test("where a product does not say, the login is unknown", async () => {
  await install("opencode");
  expect(await found("opencode")).toMatchObject({ installed: true, login: "unknown", problem: null });
});

test("a program that cannot run is a problem, not a failure", async () => {
  await chmod(await install("gemini"), 0o755);
  await Bun.write(join(home, "bin", "gemini"), "#!/no/such/interpreter\n");
  expect((await found("gemini"))?.problem).toContain("does not start");
});

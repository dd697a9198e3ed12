import { expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { World } from "./world.ts";

/** A world with settings for the worktrees of its repository. */
function furnished(settings: Record<string, string[]>, ignore = ".env*\nnode_modules\nsecret/\n"): World {
  const world = new World({ also: `workspaces:\n  repo: ${JSON.stringify(settings)}\n` });
  world.write(".gitignore", ignore);
  world.git("add", ".");
  world.git("commit", "-qm", "ignore");
  return world;
}

/** The folder of a completed task that ran in a worktree. */
async function ran(world: World, ...script: string[]): Promise<string> {
  const steps = [...script, "finish done"].map((step) => `scripted: ${step}`).join("\n");
  await world.dispatch(steps, "--worktree", "--name", "tree");
  const { task } = await world.settled("tree");
  expect(task.status).toMatchObject({ state: "completed" });
  return task.worktree!.path;
}

/** Why a task in a worktree could not start. */
async function failed(world: World) {
  await world.dispatch("scripted: finish done", "--worktree", "--name", "tree");
  const { task } = await world.settled("tree");
  if (task.status.state !== "failed") throw new Error(task.status.state);
  expect(task.status.reason).toBe("setup");
  return task.status;
}

test("a worktree gets the listed files and folders, and nothing of them is ever committed", async () => {
  await using world = furnished({ copy: [".env.*", "secret/**"], link: ["node_modules"] });
  world.write(".env.local", "KEY=1\n");
  world.write(".env", "not listed\n");
  world.write("secret/a b.txt", "kept\n");
  world.write("untracked.txt", "not ignored\n");
  mkdirSync(join(world.repo, "node_modules"));
  world.git("rm", "-q", "--cached", ".gitignore");
  world.git("commit", "-qm", "what is ignored here is not ignored there");
  const folder = await ran(world, "edit work.txt done", "run git add -A && git commit -qm all");
  expect(readFileSync(join(folder, ".env.local"), "utf8")).toBe("KEY=1\n");
  expect(readFileSync(join(folder, "secret/a b.txt"), "utf8")).toBe("kept\n");
  expect(existsSync(join(folder, ".env"))).toBe(false);
  expect(existsSync(join(folder, "untracked.txt"))).toBe(false);
  expect(readlinkSync(join(folder, "node_modules"))).toBe(join(world.repo, "node_modules"));
  expect(world.git("diff", "--name-only", "main", "dispatch/tree")).toBe("work.txt\n");
  await world.ok("merge", "tree");
  await world.ok("clean", "tree");
  expect(existsSync(join(world.repo, "node_modules"))).toBe(true);
});

test("setup runs in the worktree before the worker, teardown before it goes, and both are told", async () => {
  await using world = furnished({
    setup: ["echo preparing; echo up > setup.txt", 'echo "$PWD" > where.txt'],
    teardown: ['cp setup.txt "$HOME/torn"; echo stuck; exit 7'],
  });
  const folder = await ran(world, "run cat setup.txt where.txt > seen.txt");
  expect(readFileSync(join(folder, "seen.txt"), "utf8")).toBe(`up\n${folder}\n`);
  expect(world.read(".dispatch/tasks/tree/setup.log")).toContain("preparing\n");
  await world.ok("merge", "tree");
  const cleaned = await world.run("clean", "tree");
  expect(cleaned).toMatchObject({ code: 0 });
  expect(cleaned.stderr).toContain("ended with 7 stuck");
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(join(world.environment["HOME"]!, "torn"))).toBe(true);
});

test("work that nobody has merged is not torn down", async () => {
  await using world = furnished({ teardown: ['touch "$HOME/torn"'] });
  await ran(world, "edit work.txt done");
  expect(await world.run("clean", "tree")).toMatchObject({ code: 5 });
  expect(existsSync(join(world.environment["HOME"]!, "torn"))).toBe(false);
});

test("a setup that fails fails the task with its last words, and retry and clean know what to do", async () => {
  await using world = furnished({ setup: ["echo one; echo no such package; exit 3"] });
  const status = await failed(world);
  expect(status.message).toContain("ended with 3\none\nno such package");
  expect(status.hint).toContain("dispatch retry tree");
  expect(world.processes("scripted/agent.ts")).toEqual([]);
  await world.ok("config", "set", "workspaces.repo.setup", "[]");
  await world.ok("retry", "tree");
  expect((await world.settled("tree")).task.status.state).toBe("completed");
});

test("what a failed setup has left is cleaned", async () => {
  await using world = furnished({ setup: ["exit 3"] });
  await failed(world);
  await world.ok("clean", "tree");
  expect(world.git("branch", "--list", "dispatch/*")).toBe("");
  expect(world.git("worktree", "list").trim().split("\n")).toHaveLength(1);
});

test("a setup that hangs ends with its time, and with its task", async () => {
  await using world = furnished({ setup: ["sleep 611"] });
  await world.ok("config", "set", "limits.setup", "1s");
  expect((await failed(world)).message).toContain("sleep 611 took too long");
  await world.ok("config", "set", "limits.setup", "10m");
  await world.dispatch("scripted: finish done", "--worktree", "--name", "other");
  await world.until("other", ({ task }) => task.worktree?.state === "making");
  await world.ok("cancel", "other");
  await world.ok("daemon", "stop");
  expect(world.processes("sleep 611")).toEqual([]);
});

test("a daemon that is killed in a setup takes its commands with it, and the next one begins it anew", async () => {
  await using world = furnished({
    setup: ['if test -e "$HOME/again"; then touch ready.txt; else touch "$HOME/begun"; sleep 612; fi'],
  });
  const user = world.environment["HOME"]!;
  await world.dispatch(
    "scripted: run test -e ready.txt && touch seen.txt\nscripted: finish done",
    "--worktree",
    "--name",
    "tree",
  );
  await world.appears("begun", user);
  const sleeping = world.processes("sleep 612");
  expect(sleeping).not.toEqual([]);
  writeFileSync(join(user, "again"), "");
  await world.killDaemon();
  await world.ended(sleeping);
  const { task } = await world.settled("tree");
  expect(task.status.state).toBe("completed");
  expect(existsSync(join(task.worktree!.path, "seen.txt"))).toBe(true);
});

test("a repository cannot make a copy leave it: links, dots and absolute paths lead nowhere", async () => {
  await using world = furnished({ copy: [".env.*", "config/*"] }, ".env*\n");
  const victim = join(world.root, "victim");
  mkdirSync(victim);
  writeFileSync(join(victim, "prey"), "outside\n");
  symlinkSync(join(victim, "prey"), join(world.repo, ".env.link"));
  symlinkSync(victim, join(world.repo, "config"));
  world.git("add", "-f", "config");
  world.git("commit", "-qm", "a folder that is a link");
  world.git("rm", "-q", "--cached", "config");
  unlinkSync(join(world.repo, "config"));
  appendFileSync(join(world.repo, ".git/info/exclude"), "config/\n");
  world.write("config/planted", "planted\n");
  const status = await failed(world);
  expect(status.message).toContain("is a link or a file");
  expect(readdirSync(victim)).toEqual(["prey"]);
  await world.ok("config", "set", "workspaces.repo.copy", '[".env.*"]');
  await world.ok("retry", "tree");
  const { task } = await world.settled("tree");
  expect(existsSync(join(task.worktree!.path, ".env.link"))).toBe(false);
  for (const path of ["../victim/prey", join(victim, "prey"), "a/../../victim/prey"]) {
    await world.ok("config", "set", "workspaces.repo.copy", JSON.stringify([path]));
    const slug = await world.dispatch("scripted: finish done", "--worktree");
    expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", reason: "setup" });
  }
});

test("a file that the worktree's own ignore file would have committed is not copied", async () => {
  await using world = furnished({ copy: [".env.local"] }, "!.env.local\n");
  world.write(".gitignore", ".env.local\n");
  world.write(".env.local", "KEY=1\n");
  const status = await failed(world);
  expect(status.message).toContain("git would commit .env.local");
  const { path } = (await world.task("tree")).task.worktree!;
  expect(existsSync(join(path, ".env.local"))).toBe(false);
});

test("a settings file of the repository runs nothing", async () => {
  await using world = furnished({});
  for (const name of [".dispatch.yaml", "dispatch.yaml", ".dispatch.yml"])
    world.write(name, "setup: ['touch pwned.txt']\nworkspaces: {repo: {setup: ['touch pwned.txt']}}\n");
  world.git("add", ".");
  world.git("commit", "-qm", "settings");
  const folder = await ran(world);
  expect(existsSync(join(folder, "pwned.txt"))).toBe(false);
  expect(lstatSync(folder).isDirectory()).toBe(true);
});

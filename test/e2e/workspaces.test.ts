import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkspaceInfo } from "../../src/protocol/workspace.ts";
import { World } from "./world.ts";

async function listed(world: World): Promise<Pick<WorkspaceInfo, "name" | "path" | "settings">[]> {
  const { workspaces } = await world.json<{ workspaces: WorkspaceInfo[] }>("workspaces");
  return workspaces.map(({ name, path, settings }) => ({ name, path, settings }));
}

function config(world: World): string {
  return readFileSync(join(world.home, "config.yaml"), "utf8");
}

function folder(world: World, ...names: string[]): string {
  const path = join(world.root, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

describe("a workspace", () => {
  test("is added under a name, by which tasks are handed to it", async () => {
    await using world = new World();
    expect(await world.ok("workspaces", "add", ".", "--name", "api")).toBe(
      `api is the workspace ${world.repo}.\n`,
    );
    expect(await listed(world)).toEqual([{ name: "api", path: world.repo, settings: {} }]);
    const slug = await world.dispatch("scripted: finish done", "--workspace", "api");
    expect((await world.settled(slug)).workspace).toMatchObject({ name: "api", path: world.repo });
    expect(await listed(world)).toHaveLength(1);
  });

  test("gives its tasks what is set for it, and the flags of a task win", async () => {
    await using world = new World();
    world.config(`# mine\n${config(world)}`);
    await world.ok("workspaces", "add", ".", "--name", "api");
    for (const [key, value] of [
      ["permissions", "read-only"],
      ["limits.timeout", "90s"],
      ["budget", "$5"],
      ["worktree", "true"],
      ["agent", "shell"],
    ])
      await world.ok("workspaces", "set", "api", key!, value!);
    const { task } = await world.json<{ task: object }>("run", "true");
    expect(task).toMatchObject({
      permissions: "read-only",
      timeoutMs: 90_000,
      budget: { dollars: 5 },
      wantsWorktree: true,
      model: { agent: "shell", because: "workspace" },
    });
    const own = await world.json<{ task: object }>("run", "true", "--permissions", "all", "--timeout", "5s");
    expect(own.task).toMatchObject({ permissions: "all", timeoutMs: 5_000 });
    expect(await world.ok("workspaces")).toContain("limits.timeout 90s");
    expect(config(world)).toStartWith("# mine\n");
    const link = join(world.root, "user", "link");
    symlinkSync(world.repo, link);
    await world.ok("workspaces", "set", "~/link", "worktree");
    expect((await world.json<{ tasks: unknown[] }>("tasks", "--workspace", link)).tasks).toHaveLength(2);
    expect((await listed(world))[0]!.settings).not.toHaveProperty("worktree");
  });

  test("says what its worktrees get, value by value", async () => {
    await using world = new World();
    await world.ok("workspaces", "add", ".", "--name", "api");
    await world.ok("workspaces", "set", "api", "setup", "echo one > made.txt", "echo two >> made.txt");
    await world.ok("workspaces", "set", "api", "gate", "test -f made.txt");
    expect(await world.ok("workspaces")).toContain("setup echo one > made.txt; echo two >> made.txt");
    const slug = await world.dispatch("scripted: run cat made.txt\nscripted: finish done", "--worktree");
    const { task } = await world.settled(slug);
    expect(task.status.state).toBe("completed");
    expect(readFileSync(join(task.worktree!.path, "made.txt"), "utf8")).toBe("one\ntwo\n");
    expect((await world.run("workspaces", "set", "api", "model", "a", "b")).code).toBe(2);
    await world.ok("workspaces", "set", "api", "setup");
    expect((await listed(world))[0]!.settings).toEqual({ gate: ["test -f made.txt"] });
  });

  test("keeps its settings under another name, and shares them with no other folder of its name", async () => {
    await using world = new World();
    const other = folder(world, "other", "repo");
    world.config(`${config(world)}workspaces:\n  repo: { permissions: ask } # by hand\n`);
    await world.ok("workspaces", "add", ".");
    await world.ok("workspaces", "add", ".", "--name", "api");
    expect(await listed(world)).toEqual([
      { name: "api", path: world.repo, settings: { permissions: "ask" } },
    ]);
    await world.ok("workspaces", "add", other);
    await world.ok("workspaces", "set", "repo", "permissions", "edits");
    expect(await listed(world)).toEqual([
      { name: "api", path: world.repo, settings: { permissions: "ask" } },
      { name: "repo", path: other, settings: { permissions: "edits" } },
    ]);
    expect(config(world)).toContain("# by hand");
  });

  test("is taken off the list with its settings, never with its files or its past", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: finish done");
    await world.settled(slug);
    await world.ok("workspaces", "set", "repo", "permissions", "ask");
    expect(await world.ok("workspaces", "rm", "repo")).toContain("Removed repo");
    expect(await listed(world)).toEqual([]);
    expect(config(world)).not.toContain("permissions: ask");
    expect(existsSync(join(world.repo, "readme.txt"))).toBe(true);
    expect(await world.ok("result", slug)).toContain("done");
    expect((await world.run("workspaces", "rm", ".")).code).toBe(3);
    await world.settled(await world.dispatch("scripted: finish done"));
    expect((await listed(world)).map(({ name }) => name)).toEqual(["repo"]);
  });

  test("stays while something is at work in it", async () => {
    await using world = new World();
    const slug = await world.dispatch("scripted: silence");
    const refused = await world.run("workspaces", "rm", "repo");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("repo has 1 open task");
    expect(refused.stderr).toContain("hint: dispatch tasks --workspace repo");
    await world.ok("cancel", slug);
    await world.settled(slug);
    await world.ok("workspaces", "rm", "repo");
  });
});

describe("what a person gets wrong about workspaces", () => {
  test.each([
    [["add", "nowhere"], 2, "nowhere"],
    [["add", ".", "--name", "a/b"], 2, "a name has no slash"],
    [["add", ".", "--name", "~"], 2, "a name has no slash"],
    [["rm", "nonesuch"], 3, 'no workspace "nonesuch"'],
    [["set", "nonesuch", "model", "x"], 3, 'no workspace "nonesuch"'],
    [["set", "api", "modle", "x"], 2, "no setting modle, but model, agent"],
    [["set", "api", "model", "nonesuch"], 3, 'no model or agent "nonesuch"'],
    [["set", "api", "permissions", "some"], 2, "read-only"],
    [["set", "api", "worktree", "yes"], 2, "worktree is true or false"],
    [["set", "api", "limits.timeout", "soon"], 2, "write it as 90s"],
    [["set", "api"], 2, "KEY is missing"],
  ])("is told, and changes nothing: %p", async (words, code, reason) => {
    await using world = new World();
    await world.ok("workspaces", "add", folder(world, "api"));
    const before = config(world);
    const refused = await world.run("workspaces", ...words);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(reason);
    expect(config(world)).toBe(before);
    expect((await listed(world)).map(({ name }) => name)).toEqual(["api"]);
  });

  test("two folders of one name are told apart", async () => {
    await using world = new World();
    await world.ok("workspaces", "add", folder(world, "one", "api"));
    const second = folder(world, "two", "api");
    const refused = await world.run("workspaces", "add", second);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`hint: dispatch workspaces add ${second} --name`);
    writeFileSync(join(second, "a.txt"), "");
    await world.settled(await world.dispatch("true", "--agent", "shell", "--workspace", second)); // and yet works there
    const ambiguous = await world.run("workspaces", "rm", "api");
    expect(ambiguous.code).toBe(3);
    expect(ambiguous.stderr).toContain(second);
    await world.ok("workspaces", "rm", second);
  });

  test("an agent that Dispatch runs may not change them", async () => {
    await using world = new World();
    await world.ok("workspaces", "add", ".");
    world.environment["DISPATCH_RUN"] = "ses_0:1";
    for (const words of [
      ["set", "repo", "permissions", "all"],
      ["rm", "repo"],
    ])
      expect((await world.run("workspaces", ...words)).code).toBe(5);
  });
});

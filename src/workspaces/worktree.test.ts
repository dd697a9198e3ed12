import { expect, test } from "bun:test";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";
import { listCheckouts, requireRepository, resolveCommit } from "./repository.ts";
import { armHooks, failureOf, makeHome, makeTrap, put, save } from "./testing.ts";
import { createWorktree, takenName } from "./worktree.ts";

test("a worktree starts from what is checked out, on its own branch, and is answered again as it is", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  expect(await Bun.file(join(worktree.folder, "a.txt")).text()).toBe("1\n2\n3\n4\n5\n");
  expect(worktree.base).toBe(repository.head!);
  await put(worktree.folder, { "new.txt": "work" });
  await save(worktree.folder, "Work");
  expect(await home.worktree(repository, "task")).toEqual(worktree);
  expect(await Bun.file(join(worktree.folder, "new.txt")).text()).toBe("work");
});

test("a taken branch or folder is told and refused", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await git(["branch", "dispatch/one"], { cwd: repository.root });
  await put(home.folder, { "worktrees/two/precious": "mine" });
  const one = { repository, folder: join(home.folder, "worktrees/one"), branch: "dispatch/one" };
  const two = { repository, folder: join(home.folder, "worktrees/two"), branch: "dispatch/two" };
  expect(await takenName(one)).toBe("branch");
  expect(await takenName(two)).toBe("folder");
  expect(await takenName({ ...one, branch: "dispatch/three" })).toBeNull();
  expect(await failureOf(createWorktree(one))).toMatchObject({ code: "conflict" });
  expect(await failureOf(createWorktree(two))).toMatchObject({ code: "conflict" });
  expect(await Bun.file(join(two.folder, "precious")).text()).toBe("mine");
});

test("a repository without a commit, an unknown base and impossible branch names are refused with a hint", async () => {
  await using home = await makeHome();
  const cwd = join(home.folder, "new");
  await mkdir(cwd);
  await git(["init", "--quiet"], { cwd });
  const folder = join(home.folder, "w");
  const fresh = await requireRepository(cwd);
  expect(await failureOf(createWorktree({ repository: fresh, folder, branch: "dispatch/x" }))).toMatchObject({
    code: "refused",
    hint: expect.stringContaining("commit --allow-empty"),
  });
  const repository = await home.repository();
  for (const branch of ["-x", "--upload-pack=x", "a b", "a..b", "", "a\nb"]) {
    expect(await failureOf(createWorktree({ repository, folder, branch }))).toMatchObject({
      code: "invalid",
    });
  }
  for (const base of ["-x", "--all", "nowhere"]) {
    expect(await failureOf(createWorktree({ repository, folder, branch: "dispatch/x", base }))).toMatchObject(
      {
        code: "not_found",
      },
    );
  }
});

/** What a crash leaves behind, step by step. */
const HALF_MADE: Record<string, (cwd: string, folder: string) => Promise<unknown>> = {
  "after the branch": async () => {},
  "after the empty folder": (_cwd, folder) => mkdir(folder, { recursive: true }),
  "during the checkout": async (cwd, folder) => {
    await git(["worktree", "add", "--quiet", "--lock", "--no-checkout", "--", folder, "dispatch/task"], {
      cwd,
    });
    await put(folder, { "a.txt": "1\n" });
  },
  "before git linked the folder": async (cwd, folder) => {
    await git(["worktree", "add", "--quiet", "--lock", "--no-checkout", "--", folder, "dispatch/task"], {
      cwd,
    });
    await rm(join(folder, ".git"));
  },
  "after the checkout": (cwd, folder) =>
    git(["worktree", "add", "--quiet", "--", folder, "dispatch/task"], { cwd }),
};
for (const [moment, leave] of Object.entries(HALF_MADE)) {
  test(`a worktree whose making stopped ${moment} is made anew`, async () => {
    await using home = await makeHome();
    const repository = await home.repository();
    const cwd = repository.root;
    await git(["branch", "dispatch/task"], { cwd });
    await git(["update-ref", "refs/dispatch/making/dispatch/task", "HEAD"], { cwd });
    await leave(cwd, join(home.folder, "worktrees/task"));
    const worktree = await home.worktree(repository, "task");
    expect(await git(["status", "--porcelain"], { cwd: worktree.folder })).toBe("");
    expect(await listCheckouts(cwd)).toHaveLength(2);
    expect(await resolveCommit(cwd, "refs/dispatch/making/dispatch/task")).toBeNull();
  });
}

test("no hook of the repository runs", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const trap = await makeTrap(home.folder);
  await armHooks(repository, trap.command);
  await home.worktree(repository, "task");
  expect(await trap.sprung()).toBe(false);
});

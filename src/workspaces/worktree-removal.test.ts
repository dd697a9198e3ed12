import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";
import { exists, listCheckouts, resolveCommit, type Repository } from "./repository.ts";
import { armHooks, failureOf, makeHome, makeTrap, put, save } from "./testing.ts";
import type { Worktree } from "./worktree.ts";
import { removeWorktree } from "./worktree-removal.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const BACKUP = "refs/dispatch/backup/tidy-20260102T030405Z";

function remove(repository: Repository, { folder, branch }: Worktree, force = false) {
  return removeWorktree({
    repository,
    folder,
    branch,
    into: "main",
    task: "tidy",
    merge: "dispatch merge tidy",
    force,
    now: NOW,
  });
}

test("an unused worktree goes with its branch, and a second call has nothing to do", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(repository.commonDir, { "info/exclude": "*.log\n" });
  await put(worktree.folder, { "debug.log": "" });
  expect(await remove(repository, worktree)).toEqual({ branch: "deleted", tip: worktree.base, backup: null });
  expect(await exists(worktree.folder)).toBe(false);
  expect(await git(["for-each-ref", "refs/dispatch", "refs/heads/dispatch"], { cwd: repository.root })).toBe(
    "",
  );
  expect(await remove(repository, worktree)).toEqual({ branch: "absent", tip: null, backup: null });
});

const UNSAVED: Record<string, (folder: string) => Promise<unknown>> = {
  "a changed file": (folder) => put(folder, { "a.txt": "changed" }),
  "an untracked file": (folder) => put(folder, { "new.txt": "" }),
  "a deleted file": (folder) => rm(join(folder, "a.txt")),
  "a staged file that is gone again": async (folder) => {
    await put(folder, { "staged.txt": "only in the index" });
    await git(["add", "staged.txt"], { cwd: folder });
    await rm(join(folder, "staged.txt"));
  },
};
for (const [what, change] of Object.entries(UNSAVED)) {
  test(`${what} stops a removal, and a forced one keeps it first`, async () => {
    await using home = await makeHome();
    const repository = await home.repository();
    const worktree = await home.worktree(repository, "task");
    await change(worktree.folder);
    const status = await git(["status", "--porcelain"], { cwd: worktree.folder });
    expect(await failureOf(remove(repository, worktree))).toMatchObject({
      code: "refused",
      hint: "dispatch merge tidy, or dispatch clean tidy --force",
    });
    expect(await git(["status", "--porcelain"], { cwd: worktree.folder })).toBe(status);
    expect(await remove(repository, worktree, true)).toMatchObject({ branch: "deleted", backup: BACKUP });
    expect(await exists(worktree.folder)).toBe(false);
    const kept = await git(["log", "-m", "-p", "--format=", BACKUP], { cwd: repository.root });
    expect(kept).toMatch(/changed|new\.txt|deleted file|only in the index/);
  });
}

test("commits that are not merged stop a removal; forced, their branch stays", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "work.txt": "w" });
  const tip = await save(worktree.folder, "Work");
  expect(await failureOf(remove(repository, worktree))).toMatchObject({ code: "refused" });
  expect(await remove(repository, worktree, true)).toEqual({ branch: "kept", tip, backup: null });
  expect(await resolveCommit(repository.root, worktree.branch)).toBe(tip);
});

test("commits on no branch are kept by a backup ref", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await git(["checkout", "--quiet", "--detach"], { cwd: worktree.folder });
  await put(worktree.folder, { "work.txt": "w" });
  const tip = await save(worktree.folder, "Work");
  expect(await failureOf(remove(repository, worktree))).toMatchObject({ code: "refused" });
  expect(await remove(repository, worktree, true)).toMatchObject({ branch: "deleted", backup: BACKUP });
  expect(await resolveCommit(repository.root, BACKUP)).toBe(tip);
});

const MERGED: Record<string, string[][]> = {
  merged: [["merge", "--quiet", "--no-ff", "--no-edit", "dispatch/task"]],
  rebased: [["cherry-pick", "dispatch/task~1", "dispatch/task"]],
  squashed: [
    ["merge", "--quiet", "--squash", "dispatch/task"],
    ["commit", "--quiet", "-m", "Squashed"],
  ],
};
for (const [how, commands] of Object.entries(MERGED)) {
  test(`work that was ${how} counts as merged, also when the target went on over it`, async () => {
    await using home = await makeHome();
    const repository = await home.repository();
    const cwd = repository.root;
    const worktree = await home.worktree(repository, "task");
    for (const text of ["one\n", "one\ntwo\n"]) {
      await put(worktree.folder, { "work.txt": text });
      await save(worktree.folder, "Work");
    }
    await put(cwd, { "other.txt": "o" });
    await save(cwd, "Other");
    const ada = ["-c", "user.name=Ada", "-c", "user.email=ada@localhost"];
    for (const command of commands) await git([...ada, ...command], { cwd });
    await put(cwd, { "work.txt": "rewritten\n" });
    await save(cwd, "Later");
    expect(await remove(repository, worktree)).toMatchObject({ branch: "deleted", backup: null });
  });
}

test("a folder that the repository does not know, or that was turned elsewhere, is left alone", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(home.folder, { "mine/precious": "p" });
  const foreign = { ...worktree, folder: join(home.folder, "mine") };
  expect(await failureOf(remove(repository, foreign, true))).toMatchObject({ code: "refused" });
  const other = await home.repository("other");
  await put(worktree.folder, { ".git": `gitdir: ${other.gitDir}\n`, "work.txt": "w" });
  expect(await failureOf(remove(repository, worktree, true))).toMatchObject({ code: "refused" });
  expect(await exists(join(worktree.folder, "work.txt"))).toBe(true);
});

test("a worktree whose folder was deleted by hand is unregistered", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await rm(worktree.folder, { recursive: true });
  expect(await remove(repository, worktree)).toMatchObject({ branch: "deleted" });
  expect(await listCheckouts(repository.root)).toHaveLength(1);
});

test("a nested repository with work of its own stops even a forced removal; one that has a remote's does not", async () => {
  await using home = await makeHome();
  const library = await home.repository("library");
  const repository = await home.repository();
  const allowed = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
  await git([...allowed, "add", library.root, "lib"], { cwd: repository.root });
  await save(repository.root, "Submodule");
  const worktree = await home.worktree(repository, "task");
  await git([...allowed, "update", "--init"], { cwd: worktree.folder });
  await put(worktree.folder, { "lib/new.txt": "n" });
  expect(await failureOf(remove(repository, worktree, true))).toMatchObject({ code: "refused" });
  await rm(join(worktree.folder, "lib/new.txt"));
  expect(await remove(repository, worktree)).toMatchObject({ branch: "deleted" });
});

test("no hook of the repository runs", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  const trap = await makeTrap(home.folder);
  await armHooks(repository, trap.command);
  await put(worktree.folder, { "work.txt": "w" });
  await remove(repository, worktree, true);
  expect(await trap.sprung()).toBe(false);
});

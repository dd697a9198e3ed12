import { expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";
import { findRepository, openFolder } from "./repository.ts";
import { failureOf, makeHome, put } from "./testing.ts";

test("a repository is found from its subfolders, a worktree knows that it is one", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await put(repository.root, { "sub/b.txt": "b" });
  expect(await findRepository(join(repository.root, "sub"))).toEqual(repository);
  expect(repository).toMatchObject({ branch: "main", bare: false, isWorktree: false });

  const worktree = await home.worktree(repository, "task");
  const found = await findRepository(worktree.folder);
  expect(found).toMatchObject({ root: worktree.folder, branch: "dispatch/task", isWorktree: true });
  expect(found?.commonDir).toBe(repository.commonDir);
  expect(found?.head).toBe(worktree.base);
});

test("what is no repository is null; a new, a detached and a bare one say so", async () => {
  await using home = await makeHome();
  expect(await findRepository(home.folder)).toBeNull();
  const cwd = join(home.folder, "new");
  await mkdir(cwd);
  await git(["init", "--quiet", "--initial-branch=main"], { cwd });
  expect(await findRepository(cwd)).toMatchObject({ head: null, branch: "main" });

  const repository = await home.repository();
  await git(["checkout", "--quiet", "--detach"], { cwd: repository.root });
  expect(await findRepository(repository.root)).toMatchObject({ branch: null, head: repository.head });

  const bare = join(home.folder, "bare.git");
  await git(["clone", "--quiet", "--bare", repository.root, bare], { cwd: home.folder });
  expect(await findRepository(bare)).toMatchObject({ root: bare, bare: true, isWorktree: false });
});

test("a broken repository is an error and not the absence of one", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await put(repository.commonDir, { config: "[broken" });
  expect(await failureOf(findRepository(repository.root))).toMatchObject({ code: "unavailable" });
});

for (const name of ["with space", "line\nbreak", "ünïcode-字", "-dash", "col:on", 'quo"te']) {
  test(`a repository in a folder named ${JSON.stringify(name)}`, async () => {
    await using home = await makeHome();
    const repository = await home.repository(name);
    expect(repository.root).toBe(join(home.folder, name));
    const worktree = await home.worktree(repository, "task");
    expect((await findRepository(worktree.folder))?.commonDir).toBe(repository.commonDir);
  });
}

test("a workspace's folder is opened by its real path, or refused with a hint", async () => {
  await using home = await makeHome();
  await put(home.folder, { "folder/file": "" });
  await symlink("folder", join(home.folder, "link"));
  expect(await openFolder(join(home.folder, "link"))).toBe(join(home.folder, "folder"));
  for (const path of ["missing", "folder/file"]) {
    expect(await failureOf(openFolder(join(home.folder, path)))).toMatchObject({
      code: "invalid",
      hint: expect.any(String),
    });
  }
});

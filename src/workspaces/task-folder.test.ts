import { expect, test } from "bun:test";
import { lstat, mkdir, readFile, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";
import { exists } from "./repository.ts";
import { prepareTaskFolder, returnTaskFolder } from "./task-folder.ts";
import { failureOf, makeHome, put, save } from "./testing.ts";

const name = "tidy-up";

test("a task folder lies where the agent works and is kept out of git, once", async () => {
  await using home = await makeHome();
  const { root, commonDir } = await home.repository();
  await put(commonDir, { "info/exclude": "mine" });
  const place = { runFolder: root, checkout: root, name };
  for (let i = 0; i < 2; i++)
    expect(await prepareTaskFolder(place)).toBe(join(root, ".dispatch/tasks", name));
  await put(root, { [`.dispatch/tasks/${name}/ipc/001.question`]: "?" });
  expect(await readFile(join(commonDir, "info/exclude"), "utf8")).toBe("mine\n.dispatch/\n");
  expect(await git(["status", "--porcelain", "--untracked-files=all"], { cwd: root })).toBe("");
  expect(await returnTaskFolder(place)).toBe(join(root, ".dispatch/tasks", name));
});

test("the first tasks of a checkout may come all at once", async () => {
  await using home = await makeHome();
  const { root, commonDir } = await home.repository();
  const names = Array.from({ length: 20 }, (_, at) => `task-${at}`);
  await Promise.all(names.map((each) => prepareTaskFolder({ runFolder: root, checkout: root, name: each })));
  expect((await readdir(join(root, ".dispatch/tasks"))).sort()).toEqual(names.sort());
  expect((await readFile(join(commonDir, "info/exclude"), "utf8")).match(/^\.dispatch/gm)).toHaveLength(1);
});

test("a folder without a repository has task folders too", async () => {
  await using home = await makeHome();
  const place = { runFolder: home.folder, checkout: home.folder, name };
  expect(await exists(join(await prepareTaskFolder(place), "ipc"))).toBe(true);
});

test("a worktree's task folder is linked from the checkout, and comes home with all that is in it", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  const place = { runFolder: worktree.folder, checkout: repository.root, name };
  const folder = await prepareTaskFolder(place);
  const link = join(repository.root, ".dispatch/tasks", name);
  expect(await readlink(link)).toBe(folder);
  expect(await git(["status", "--porcelain"], { cwd: repository.root })).toBe("");
  expect(await git(["status", "--porcelain"], { cwd: worktree.folder })).toBe("");
  await put(folder, { "output.md": "done", "ipc/.done": "" });
  await symlink("/etc/hostname", join(folder, "link"));
  await rm(link);
  await prepareTaskFolder(place);
  for (let i = 0; i < 2; i++) expect(await returnTaskFolder(place)).toBe(link);
  expect((await lstat(link)).isDirectory()).toBe(true);
  expect((await readdir(link)).sort()).toEqual(["ipc", "link", "output.md"]);
  expect(await readlink(join(link, "link"))).toBe("/etc/hostname");
  expect(await exists(folder)).toBe(false);
});

test("a return that stopped after its copy was whole is finished", async () => {
  await using home = await makeHome();
  const place = { runFolder: join(home.folder, "run"), checkout: join(home.folder, "mine"), name };
  await mkdir(place.runFolder);
  await mkdir(place.checkout);
  const folder = await prepareTaskFolder(place);
  const copy = join(place.checkout, ".dispatch/tasks", name);
  await rm(copy);
  await put(copy, { "output.md": "done" });
  expect(await returnTaskFolder(place)).toBe(copy);
  expect(await exists(folder)).toBe(false);
  expect(await exists(join(copy, "output.md"))).toBe(true);
});

test("a link to nowhere is cleared when the task folder is gone", async () => {
  await using home = await makeHome();
  const place = { runFolder: join(home.folder, "run"), checkout: join(home.folder, "mine"), name };
  await mkdir(place.runFolder);
  await mkdir(place.checkout);
  await prepareTaskFolder(place);
  await rm(place.runFolder, { recursive: true });
  expect(await returnTaskFolder(place)).toBeNull();
  expect(await readdir(join(place.checkout, ".dispatch/tasks"))).toEqual([]);
});

for (const hostile of [
  ".dispatch",
  ".dispatch/tasks",
  `.dispatch/tasks/${name}`,
  `.dispatch/tasks/${name}/ipc`,
]) {
  test(`a link at ${hostile} is not followed`, async () => {
    await using home = await makeHome();
    const { root } = await home.repository();
    const elsewhere = join(home.folder, "elsewhere");
    await mkdir(elsewhere);
    await mkdir(join(root, hostile, ".."), { recursive: true });
    await symlink(elsewhere, join(root, hostile));
    const place = { runFolder: root, checkout: root, name };
    expect(await failureOf(prepareTaskFolder(place))).toMatchObject({ code: "refused" });
    expect(await readdir(elsewhere)).toEqual([]);
  });
}

test("a .dispatch that git tracks is refused, in the worktree and in the checkout", async () => {
  await using home = await makeHome();
  const { root } = await home.repository();
  await put(root, { ".dispatch/config": "" });
  await save(root, "Tracked");
  const refusal = { code: "refused", hint: expect.stringContaining("rm -r --cached") };
  expect(await failureOf(prepareTaskFolder({ runFolder: root, checkout: root, name }))).toMatchObject(
    refusal,
  );
  const runFolder = join(home.folder, "run");
  await mkdir(runFolder);
  expect(await failureOf(prepareTaskFolder({ runFolder, checkout: root, name }))).toMatchObject(refusal);
});

test("a name that could lead elsewhere is invalid", async () => {
  await using home = await makeHome();
  for (const bad of ["", ".", "..", "../x", "a/b", "-x", "A b", "x".repeat(101), "a\n"]) {
    const place = { runFolder: home.folder, checkout: home.folder, name: bad };
    expect(await failureOf(prepareTaskFolder(place))).toMatchObject({ code: "invalid" });
    expect(await failureOf(returnTaskFolder(place))).toMatchObject({ code: "invalid" });
  }
});

test("a task folder of the user's own is neither replaced nor removed", async () => {
  await using home = await makeHome();
  const place = { runFolder: join(home.folder, "run"), checkout: join(home.folder, "mine"), name };
  await mkdir(place.runFolder);
  await put(place.checkout, { [`.dispatch/tasks/${name}/precious`]: "p" });
  expect(await failureOf(prepareTaskFolder(place))).toMatchObject({ code: "conflict" });
  expect(await exists(join(place.checkout, ".dispatch/tasks", name, "precious"))).toBe(true);
});

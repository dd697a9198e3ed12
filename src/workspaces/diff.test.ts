import { expect, test } from "bun:test";
import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { changes, diff, dropSnapshot, snapshot } from "./diff.ts";
import { git } from "./git.ts";
import { requireRepository, resolveCommit } from "./repository.ts";
import { failureOf, makeHome, makeTrap, put, save } from "./testing.ts";

const ALL = { maxBytes: 1_000_000 };

test("committed, uncommitted and untracked work counts, ignored files and task folders do not", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await put(repository.root, { "gone.txt": "x\n", "old name.txt": "a\nb\nc\nd\n", ".gitignore": "*.log\n" });
  await save(repository.root, "More");
  const { folder } = await home.worktree(repository, "task");
  await put(folder, { "a.txt": "1\n2\nthree\n4\n5\n6\n", "committed.txt": "c\n" });
  await save(folder, "Work");
  await rename(join(folder, "old name.txt"), join(folder, "new\nname.txt"));
  await rm(join(folder, "gone.txt"));
  await put(folder, {
    "ünträcked -x": "u\nv\n",
    bin: "\0\x01",
    "x.log": "",
    ".dispatch/tasks/t/plan.md": "- [ ] a",
  });
  await put(folder, { "sub/.dispatch/plan.md": "" });
  await put(repository.root, { "elsewhere.txt": "" });
  await save(repository.root, "The target moves on");

  const text = { binary: false, additions: 0, deletions: 0 };
  expect(await changes(folder, "main")).toEqual([
    { ...text, path: "a.txt", status: "modified", additions: 2, deletions: 1 },
    { ...text, path: "bin", status: "added", binary: true },
    { ...text, path: "committed.txt", status: "added", additions: 1 },
    { ...text, path: "gone.txt", status: "deleted", deletions: 1 },
    { ...text, path: "new\nname.txt", from: "old name.txt", status: "renamed" },
    { ...text, path: "ünträcked -x", status: "added", additions: 2 },
  ]);
  const whole = await diff(folder, "main", ALL);
  expect(whole.truncated).toBe(false);
  expect(whole.text).toContain("-3\n+three\n");
  expect(whole.text).toContain("+++ b/ünträcked -x");
  expect(whole.text).not.toContain(".dispatch");
});

test("a diff is cut at a line's end, and says so", async () => {
  await using home = await makeHome();
  const { root } = await home.repository();
  await put(root, { "big.txt": "0123456789\n".repeat(100_000) });
  const cut = await diff(root, "HEAD", { maxBytes: 10_000 });
  expect(cut.truncated).toBe(true);
  expect(cut.text.length).toBeLessThanOrEqual(10_000);
  expect(cut.text.endsWith("+0123456789\n")).toBe(true);
});

test("since a snapshot only what the run changed shows, and the user's index stays untouched", async () => {
  await using home = await makeHome();
  const { root, gitDir } = await home.repository();
  await put(root, { "a.txt": "mine\n", "staged.txt": "s\n", "untracked.txt": "u\n" });
  await git(["add", "staged.txt"], { cwd: root });
  const index = await Bun.file(join(gitDir, "index")).bytes();
  const tree = await snapshot(await requireRepository(root), "task");
  expect(await changes(root, tree)).toEqual([]);
  await put(root, { "untracked.txt": "theirs\n", "new.txt": "n\n" });
  expect((await changes(root, tree)).map((file) => [file.status, file.path])).toEqual([
    ["added", "new.txt"],
    ["modified", "untracked.txt"],
  ]);
  expect(await Bun.file(join(gitDir, "index")).bytes()).toEqual(index);
  await dropSnapshot(root, "task");
  expect(await git(["for-each-ref", "refs/dispatch"], { cwd: root })).toBe("");
});

test("a change of the same size in the same second is seen", async () => {
  await using home = await makeHome();
  const { root } = await home.repository();
  for (let i = 0; i < 5; i++) {
    await put(root, { "a.txt": `${i}\n` });
    await git(["add", "a.txt"], { cwd: root });
    const tree = await snapshot(await requireRepository(root), "task");
    await put(root, { "a.txt": `${i + 1}\n` });
    expect(await changes(root, tree)).toHaveLength(1);
  }
});

test("a repository without a commit has snapshots and diffs too", async () => {
  await using home = await makeHome();
  const cwd = join(home.folder, "new");
  await mkdir(cwd);
  await git(["init", "--quiet"], { cwd });
  const tree = await snapshot(await requireRepository(cwd), "task");
  await put(cwd, { "first.txt": "1\n" });
  expect(await changes(cwd, tree)).toMatchObject([{ path: "first.txt", status: "added" }]);
});

test("looking writes nothing to the repository", async () => {
  await using home = await makeHome();
  const { root, commonDir } = await home.repository("with:colon");
  await put(root, { "new.txt": "never stored\n" });
  const objects = async () => (await readdir(join(commonDir, "objects"), { recursive: true })).sort();
  const before = await objects();
  expect((await diff(root, "HEAD", ALL)).text).toContain("+never stored");
  expect(await objects()).toEqual(before);
});

test("no program that a repository names runs for a diff", async () => {
  await using home = await makeHome();
  const { root, commonDir } = await home.repository();
  const trap = await makeTrap(home.folder);
  await put(root, { ".gitattributes": "* diff=evil filter=e=v.il\n*.bin filter=lfs\n" });
  await save(root, "Attributes");
  const settings = [
    "core.fsmonitor",
    "core.pager",
    "diff.external",
    "diff.evil.command",
    "diff.evil.textconv",
    "filter.e=v.il.clean",
    "filter.e=v.il.smudge",
    "filter.lfs.process",
  ];
  for (const name of settings) await git(["config", name, trap.command], { cwd: root });
  await git(["config", "filter.lfs.required", "true"], { cwd: root });
  await put(root, { "a.txt": "changed\n", "new.txt": "new\n", "x.bin": "raw\n" });
  const tree = await snapshot(await requireRepository(root), "task");
  await put(root, { "a.txt": "again\n" });
  expect((await changes(root, "HEAD")).map((file) => file.path)).toEqual(["a.txt", "new.txt", "x.bin"]);
  expect((await diff(root, tree, ALL)).text).toContain("-changed\n+again\n");
  expect(await trap.sprung()).toBe(false);
  expect((await stat(commonDir)).isDirectory()).toBe(true);
});

test("submodules, nested repositories and unreadable files do not stop a diff", async () => {
  await using home = await makeHome();
  const library = await home.repository("library");
  const { root } = await home.repository();
  await git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.root, "lib"], {
    cwd: root,
  });
  await save(root, "Submodule");
  await put(root, { "lib/a.txt": "dirty inside\n", "new.txt": "n\n", "secret.txt": "s\n" });
  await chmod(join(root, "secret.txt"), 0o000);
  await mkdir(join(root, "empty-nested"));
  await git(["init", "--quiet"], { cwd: join(root, "empty-nested") });
  const paths = (await changes(root, "HEAD")).map((file) => file.path);
  expect(paths).toContain("new.txt");
  expect(paths).not.toContain("lib");
});

test("an unknown base is not found, and a base that looks like an option is only a name", async () => {
  await using home = await makeHome();
  const { root } = await home.repository();
  for (const base of ["nowhere", "--output=/tmp/x", "-p"]) {
    expect(await failureOf(changes(root, base))).toMatchObject({ code: "not_found" });
  }
  await git(["update-ref", "refs/heads/-x", "HEAD"], { cwd: root });
  expect(await resolveCommit(root, "-x")).not.toBeNull();
  expect(await changes(root, "-x")).toEqual([]);
  expect(await failureOf(changes(home.folder, "main"))).toMatchObject({ code: "refused" });
});

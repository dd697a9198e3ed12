import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { MergeStrategy } from "../protocol/change.ts";
import { git } from "./git.ts";
import { merge } from "./merge.ts";
import { resolveCommit, type Repository } from "./repository.ts";
import { armHooks, failureOf, makeHome, makeTrap, put, save, type TestWorktree } from "./testing.ts";

function mergeInto(into: string, { repository, folder }: TestWorktree, strategy: MergeStrategy = "merge") {
  return merge({ repository, worktree: folder, into, message: "Tidy up\n\nAs asked.", strategy });
}

/** All that a merge which does not happen must leave as it was. */
async function stateOf({ root }: Repository) {
  const files = await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: root, dot: false }));
  return {
    head: await resolveCommit(root, "HEAD"),
    status: await git(["status", "--porcelain", "--ignored"], { cwd: root }),
    files: await Promise.all(
      files.sort().map(async (file) => [file, await Bun.file(join(root, file)).text()]),
    ),
  };
}

test("uncommitted work is committed and merged, in the branch and in the user's files", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, {
    "a.txt": "1\n2\n3\n4\nfive\n",
    "new/-file ü.txt": "n\n",
    ".dispatch/tasks/t/plan.md": "",
  });
  await put(repository.root, { "notes.txt": "the user's own, not committed" });
  const result = await mergeInto("main", worktree);
  expect(result).toMatchObject({
    outcome: "merged",
    files: [{ path: "a.txt" }, { path: "new/-file ü.txt" }],
  });
  const { root: cwd } = repository;
  expect(await Bun.file(join(cwd, "a.txt")).text()).toBe("1\n2\n3\n4\nfive\n");
  expect(await git(["status", "--porcelain"], { cwd })).toBe("?? notes.txt");
  expect(await git(["log", "-1", "--format=%an <%ae> %P %s"], { cwd })).toBe(
    `Dispatch <dispatch@localhost> ${worktree.base} ${await resolveCommit(cwd, worktree.branch)} Merge ${worktree.branch}: Tidy up`,
  );
  expect(await git(["log", "-1", "--format=%s", worktree.branch], { cwd })).toBe("Tidy up");
  expect(await mergeInto("main", worktree)).toMatchObject({ outcome: "already-merged" });
});

test("commits are by the user whom git knows", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(home.folder, {
    ".gitconfig": "[user]\n\tname = Grace\n\temail = grace@localhost\n[commit]\n\tgpgSign = true\n",
  });
  await put(worktree.folder, { "new.txt": "n" });
  await mergeInto("main", worktree);
  const authors = await git(["log", "-2", "--topo-order", "--format=%an %cn"], { cwd: repository.root });
  expect(authors).toBe("Grace Grace\nGrace Grace");
});

test("nothing to merge is told", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  expect(await mergeInto("main", await home.worktree(repository, "task"))).toEqual({ outcome: "nothing" });
});

test("squash makes one commit, fast-forward none where it can", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const cwd = repository.root;
  const first = await home.worktree(repository, "first");
  await put(first.folder, { "first.txt": "1" });
  const tip = await save(first.folder, "First");
  expect(await mergeInto("main", first, "fast-forward")).toMatchObject({ outcome: "merged", commit: tip });
  const second = await home.worktree(repository, "second");
  for (const text of ["1\n", "1\n2\n"]) {
    await put(second.folder, { "second.txt": text });
    await save(second.folder, "Second");
  }
  const { commit } = (await mergeInto("main", second, "squash")) as { commit: string };
  expect(await git(["rev-list", "--parents", "-1", "HEAD"], { cwd })).toBe(`${commit} ${tip}`);
  expect(await mergeInto("main", second, "squash")).toMatchObject({ outcome: "already-merged" });
  const third = await home.worktree(repository, "third");
  await put(third.folder, { "third.txt": "3" });
  await put(cwd, { "meanwhile.txt": "m" });
  await save(cwd, "Meanwhile");
  await mergeInto("main", third, "fast-forward");
  expect((await git(["rev-list", "--parents", "-1", "HEAD"], { cwd })).split(" ")).toHaveLength(3);
  expect(await git(["status", "--porcelain"], { cwd })).toBe("");
});

test("work that goes on after a squash is merged by what is new, also over changes of the target's own", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const cwd = repository.root;
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "first\n" });
  await mergeInto("main", worktree, "squash");
  await put(worktree.folder, { "a.txt": "second\n" });
  expect(await mergeInto("main", worktree, "squash")).toMatchObject({ outcome: "merged" });
  expect(await Bun.file(join(cwd, "a.txt")).text()).toBe("second\n");
  await put(cwd, { "a.txt": "rewritten\n" });
  await save(cwd, "Rewritten");
  expect(await mergeInto("main", worktree, "squash")).toMatchObject({ outcome: "already-merged" });
});

test("work that was squashed and then dropped from the target can be merged again", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const cwd = repository.root;
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work\n" });
  await mergeInto("main", worktree, "squash");
  await git(["reset", "--quiet", "--hard", worktree.base], { cwd });
  expect(await mergeInto("main", worktree, "squash")).toMatchObject({ outcome: "merged" });
  expect(await Bun.file(join(cwd, "a.txt")).text()).toBe("work\n");
});

test("a clone that an agent left in its worktree is not committed as an empty link", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await git(["clone", "--quiet", repository.root, "clöne"], { cwd: worktree.folder });
  expect(await failureOf(mergeInto("main", worktree))).toMatchObject({
    code: "refused",
    message: expect.stringContaining("clöne"),
  });
});

test("a conflict is told by its files and changes nothing", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "theirs\n", "line\nbreak": "theirs\n", "fine.txt": "f" });
  await put(repository.root, { "a.txt": "mine\n", "line\nbreak": "mine\n" });
  await save(repository.root, "Mine");
  const before = await stateOf(repository);
  expect(await mergeInto("main", worktree)).toMatchObject({
    outcome: "conflict",
    conflicts: ["a.txt", "line\nbreak"],
    hint: expect.stringContaining("merge main"),
  });
  expect(await stateOf(repository)).toEqual(before);
});

/** What the user has lying about where the work wants to go. */
const IN_THE_WAY: Record<
  string,
  { work: Record<string, string>; mine: Record<string, string>; named: string }
> = {
  "a changed file": { work: { "a.txt": "work" }, mine: { "a.txt": "mine" }, named: "a.txt" },
  "an untracked file": { work: { "new.txt": "work" }, mine: { "new.txt": "mine" }, named: "new.txt" },
  "an ignored file": { work: { "x.log": "work" }, mine: { "x.log": "mine" }, named: "x.log" },
  "an ignored file where a folder comes": {
    work: { "y.log/z": "work" },
    mine: { "y.log": "mine" },
    named: "y.log",
  },
  "a folder where a file comes": { work: { out: "work" }, mine: { "out/x.log": "mine" }, named: "out" },
};
for (const [what, { work, mine, named }] of Object.entries(IN_THE_WAY)) {
  test(`${what} of the user's is not overwritten`, async () => {
    await using home = await makeHome();
    const repository = await home.repository();
    const worktree = await home.worktree(repository, "task");
    await put(worktree.folder, work);
    await git(["add", "--force", "-A"], { cwd: worktree.folder });
    await put(repository.commonDir, { "info/exclude": "*.log\n" });
    await put(repository.root, mine);
    const before = await stateOf(repository);
    expect(await failureOf(mergeInto("main", worktree))).toMatchObject({
      code: "refused",
      message: expect.stringContaining(named),
    });
    expect(await stateOf(repository)).toEqual(before);
  });
}

test("what the user changed and staged elsewhere stays", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await put(repository.root, { "b.txt": "b", "c.txt": "c" });
  await save(repository.root, "More");
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work" });
  await put(repository.root, { "b.txt": "changed", "c.txt": "staged" });
  await git(["add", "c.txt"], { cwd: repository.root });
  await mergeInto("main", worktree);
  expect(await git(["status", "--porcelain"], { cwd: repository.root })).toBe(" M b.txt\nM  c.txt");
});

test("deletions, renames, and a file that becomes a folder arrive", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await put(repository.root, { "old.txt": "a\nb\nc\n", thing: "file", "gone.txt": "" });
  await save(repository.root, "More");
  const worktree = await home.worktree(repository, "task");
  for (const path of ["old.txt", "thing", "gone.txt"]) await rm(join(worktree.folder, path));
  await put(worktree.folder, { "new.txt": "a\nb\nc\n", "thing/inside": "folder" });
  expect(await mergeInto("main", worktree)).toMatchObject({ outcome: "merged" });
  const files = await git(["ls-files"], { cwd: repository.root });
  expect(files.split("\n")).toEqual(["a.txt", "new.txt", "thing/inside"]);
  expect(await git(["status", "--porcelain"], { cwd: repository.root })).toBe("");
});

test("a branch that is checked out nowhere moves, and no file does", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await git(["branch", "release"], { cwd: repository.root });
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work" });
  const before = await stateOf(repository);
  const result = await mergeInto("release", worktree);
  expect(await resolveCommit(repository.root, "release")).toBe((result as { commit: string }).commit);
  expect(await stateOf(repository)).toEqual(before);
});

test("a merge that stopped between files and branch is finished by the next call", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const cwd = repository.root;
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work", "new.txt": "n" });
  const { commit } = (await mergeInto("main", worktree)) as { commit: string };
  await git(["update-ref", "refs/heads/main", worktree.base], { cwd });
  await git(["update-ref", "refs/dispatch/merging/main", commit], { cwd });
  await put(cwd, { "new.txt": "edited since" });
  expect(await mergeInto("main", worktree)).toEqual({ outcome: "already-merged", commit });
  expect(await git(["status", "--porcelain"], { cwd })).toBe(" M new.txt");
  expect(await resolveCommit(cwd, "refs/dispatch/merging/main")).toBeNull();
});

test("a merge that stopped before any file moved starts anew", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const cwd = repository.root;
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work" });
  const abandoned = await save(worktree.folder, "Work");
  await git(["update-ref", "refs/dispatch/merging/main", abandoned], { cwd });
  expect(await mergeInto("main", worktree)).toMatchObject({ outcome: "merged" });
  expect(await git(["status", "--porcelain"], { cwd })).toBe("");
});

test("while the git of a stopped merge still works, the next call waits its turn", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const cwd = repository.root;
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work" });
  await git(["update-ref", "refs/dispatch/merging/main", await save(worktree.folder, "Work")], { cwd });
  await put(repository.gitDir, { "index.lock": "" });
  expect(await failureOf(mergeInto("main", worktree))).toMatchObject({ code: "unavailable" });
  await rm(join(repository.gitDir, "index.lock"));
  expect(await mergeInto("main", worktree)).toMatchObject({ outcome: "merged" });
});

test("a worktree that was turned to another repository is not merged there", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const other = await home.repository("other");
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { ".git": `gitdir: ${other.gitDir}\n`, "a.txt": "work" });
  expect(await failureOf(mergeInto("main", worktree))).toMatchObject({ code: "refused" });
});

test("a submodule that moved on arrives, and a dirty one elsewhere does not stand in the way", async () => {
  await using home = await makeHome();
  const library = await home.repository("library");
  const repository = await home.repository();
  const cwd = repository.root;
  const allowed = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
  for (const path of ["lib", "other"]) await git([...allowed, "add", library.root, path], { cwd });
  await save(cwd, "Submodules");
  const worktree = await home.worktree(repository, "task");
  await git([...allowed, "update", "--init"], { cwd: worktree.folder });
  await put(worktree.folder, { "lib/a.txt": "moved on" });
  const moved = await save(join(worktree.folder, "lib"), "Moved on");
  await put(cwd, { "other/a.txt": "dirty" });
  expect(await mergeInto("main", worktree)).toMatchObject({ outcome: "merged", files: [{ path: "lib" }] });
  expect(await git(["rev-parse", "HEAD:lib"], { cwd })).toBe(moved);
});

test("an unknown target, the worktree's own branch, a detached worktree and a merge under way are refused", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  const worktree = await home.worktree(repository, "task");
  await put(worktree.folder, { "a.txt": "work" });
  expect(await failureOf(mergeInto("-x", worktree))).toMatchObject({ code: "not_found" });
  expect(await failureOf(mergeInto("dispatch/task", worktree))).toMatchObject({ code: "refused" });
  await git(["update-ref", "MERGE_HEAD", "HEAD"], { cwd: repository.root });
  expect(await failureOf(mergeInto("main", worktree))).toMatchObject({ code: "refused" });
  await git(["checkout", "--quiet", "--detach"], { cwd: worktree.folder });
  expect(await failureOf(mergeInto("main", worktree))).toMatchObject({ code: "refused" });
});

test("no hook of the repository runs, but its filters do, as they are what its files mean", async () => {
  await using home = await makeHome();
  const repository = await home.repository();
  await put(repository.root, { ".gitattributes": "*.secret filter=rot\n" });
  await save(repository.root, "Attributes");
  await git(["config", "filter.rot.clean", "tr a-z b-za"], { cwd: repository.root });
  await git(["config", "filter.rot.smudge", "tr b-za a-z"], { cwd: repository.root });
  const worktree = await home.worktree(repository, "task");
  const trap = await makeTrap(home.folder);
  await armHooks(repository, trap.command);
  await put(worktree.folder, { "x.secret": "hal\n" });
  await mergeInto("main", worktree);
  expect(await git(["show", "HEAD:x.secret"], { cwd: repository.root })).toBe("ibm");
  expect(await Bun.file(join(repository.root, "x.secret")).text()).toBe("hal\n");
  expect(await trap.sprung()).toBe(false);
});

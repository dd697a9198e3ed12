import { expect, test } from "bun:test";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killIfThere, World } from "./world.ts";

/** A task that has changed the readme in a worktree of its own. */
async function changed(world: World, text = "theirs"): Promise<string> {
  const slug = await world.dispatch(
    `scripted: edit readme.txt ${text}\nscripted: finish done`,
    "--worktree",
    "--name",
    "tree",
  );
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  return slug;
}

test("a merge that conflicts changes nothing, names the files and says what to do", async () => {
  await using world = new World();
  const slug = await changed(world);
  world.write("readme.txt", "ours\n");
  world.git("commit", "-qam", "ours");
  const head = world.git("rev-parse", "HEAD");
  const conflict = await world.run("merge", slug);
  expect(conflict.code).toBe(1);
  expect(conflict.stdout).toBe("tree conflicts; nothing was changed:\n  readme.txt\n");
  expect(conflict.stderr).toStartWith("dispatch: hint: ");
  expect(world.git("rev-parse", "HEAD")).toBe(head);
  expect(world.git("status", "--porcelain")).toBe("");
  expect(world.read("readme.txt")).toBe("ours\n");
  expect(await world.ok("diff", slug)).toContain("+theirs");
});

test("a task that could not start is told as such, and what it never had was not removed", async () => {
  await using world = new World();
  world.git("update-ref", "-d", "refs/heads/main"); // no commit to start from
  const slug = await world.dispatch("scripted: finish done", "--worktree", "--name", "early");
  expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", reason: "setup" });
  for (const command of ["diff", "merge", "pr"])
    expect(await world.run(command, slug)).toMatchObject({
      code: 1,
      stderr: `dispatch: error: early ended before it could start\ndispatch: hint: dispatch status early\n`,
    });
  expect(await world.ok("clean", slug)).not.toContain("removed");
});

test("a task whose repository was taken away keeps no other from a merge, and is cleaned once that is wanted", async () => {
  await using world = new World();
  const other = join(world.root, "other");
  world.git("clone", "-q", ".", other);
  await world.dispatch(
    "scripted: edit a.txt x\nscripted: finish done",
    "--worktree",
    "--name",
    "orphan",
    "--workspace",
    other,
  );
  const { path } = (await world.settled("orphan")).task.worktree!;
  await changed(world);
  rmSync(other, { recursive: true });
  const all = await world.run("merge", "--all", "--wait");
  expect(all.stdout).toMatch(/^tree into main: merged\b/);
  expect(all.stderr).toContain(`note: orphan is left out: cannot run git in ${other}\n`);
  expect(await world.ok("clean")).toContain("orphan: stays, the repository of orphan is gone");
  expect(await world.run("clean", "orphan")).toMatchObject({ code: 5 });
  expect(existsSync(join(path, "a.txt"))).toBe(true);
  expect(await world.ok("clean", "orphan", "--force")).toBe(`orphan: removed ${path}\n`);
  expect(existsSync(path)).toBe(false);
});

test("a merge into a checkout with changes in the same files is refused, and both stay", async () => {
  await using world = new World();
  const slug = await changed(world);
  world.write("readme.txt", "not committed\n");
  const refused = await world.run("merge", slug);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("readme.txt");
  expect(world.read("readme.txt")).toBe("not committed\n");
  world.git("checkout", "readme.txt");
  world.write("other.txt", "untouched\n");
  await world.ok("merge", slug);
  expect(world.read("readme.txt")).toBe("theirs\n");
  expect(world.read("other.txt")).toBe("untouched\n");
});

test("a merge is one commit with --squash, with one's own words, and the second time it is told so", async () => {
  await using world = new World();
  const slug = await changed(world);
  await world.ok("merge", slug, "--squash", "-m", "Say theirs");
  expect(world.git("log", "--format=%s")).toBe("Say theirs\nfirst\n");
  expect(await world.ok("merge", slug)).toContain("is merged already");
  expect(await world.ok("clean", slug)).toContain("removed branch dispatch/tree");
});

test("clean never takes work that nobody has merged; --force keeps it under a ref", async () => {
  await using world = new World();
  const slug = await changed(world);
  const { path } = (await world.task(slug)).task.worktree!;
  const refused = await world.run("clean", slug);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("dispatch merge tree, or dispatch clean tree --force");
  expect(existsSync(path)).toBe(true);
  writeFileSync(join(path, "untracked.txt"), "precious\n");
  const forced = await world.ok("clean", slug, "--force");
  const ref = /refs\/dispatch\/backup\/\S+/.exec(forced)![0];
  expect(world.git("show", `${ref}:untracked.txt`)).toBe("precious\n");
  expect(world.git("show", `${ref}:readme.txt`)).toBe("theirs\n");
  expect(existsSync(path)).toBe(false);
  expect(await world.ok("clean", slug)).toBe("Nothing to clean.\n");
});

test("clean without a task goes through all that have ended and says what stays", async () => {
  await using world = new World();
  await changed(world);
  const done = await world.dispatch("scripted: finish done", "--worktree", "--name", "nothing");
  await world.settled(done);
  const { path } = (await world.task(done)).task.worktree!;
  const cleaned = await world.ok("clean");
  expect(existsSync(path)).toBe(false);
  expect(cleaned).toContain(`nothing: removed ${path}\n`);
  expect(cleaned).toMatch(/^tree: stays, .* has changes that are not committed$/m);
  expect(await world.run("clean", "--force")).toMatchObject({ code: 2 });
  expect(existsSync((await world.task("tree")).task.worktree!.path)).toBe(true);
});

test("clean goes on past a task whose folder is gone, and leaves nothing of it in the repository", async () => {
  await using world = new World();
  const slug = await changed(world);
  await world.ok("merge", slug);
  world.write("part/file.txt", "one");
  const part = await world.dispatch("scripted: finish done", "--workspace", join(world.repo, "part"));
  await world.settled(part);
  rmSync(join(world.repo, "part"), { recursive: true });
  const cleaned = await world.ok("clean");
  expect(cleaned).toContain(`${part}: removed snapshot\n`);
  expect(cleaned).toContain("tree: removed branch dispatch/tree\n");
  expect(world.git("for-each-ref", "refs/dispatch")).toBe("");
});

test("a task that runs is neither merged nor cleaned", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: silence", "--worktree");
  await world.until(slug, ({ task }) => task.status.state === "working");
  expect(await world.run("merge", slug)).toMatchObject({ code: 1 });
  expect(await world.run("clean", slug)).toMatchObject({ code: 1 });
});

test("a name whose branch is taken gets another branch", async () => {
  await using world = new World();
  world.git("branch", "dispatch/tree");
  const slug = await changed(world);
  expect((await world.task(slug)).task.worktree!.branch).toBe("dispatch/tree-2");
});

test("a worktree that somebody took away is named, and a retry goes on from what its branch has", async () => {
  await using world = new World({ also: 'workspaces: { repo: { setup: ["touch ready"] } }\n' });
  const commit = "run git add saved.txt && git commit -qm saved; true";
  const script = `scripted: edit saved.txt one\nscripted: ${commit}\nscripted: edit next.txt two\nscripted: wait-file go\nscripted: finish done`;
  const slug = await world.dispatch(script, "--worktree");
  const { task } = await world.until(slug, ({ task }) => task.status.state === "working");
  await world.appears("next.txt", task.worktree!.path);
  await world.ok("cancel", slug);
  await world.settled(slug);
  rmSync(task.worktree!.path, { recursive: true });
  for (const words of [["diff"], ["merge"], ["merge", "--queue", "--wait"]]) {
    const { code, stdout, stderr } = await world.run(words[0]!, slug, ...words.slice(1));
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(`the worktree of ${slug} is gone`);
    expect(stdout + stderr).toContain(`dispatch retry ${slug}`);
  }
  await world.ok("retry", slug);
  await world.until(slug, ({ task }) => task.status.state === "working");
  expect(existsSync(join(task.worktree!.path, "saved.txt"))).toBe(true);
  expect(existsSync(join(task.worktree!.path, "ready"))).toBe(true);
  writeFileSync(join(task.worktree!.path, "go"), "");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
});

test("a task that was cleaned can be retried, in a new worktree and with its folder", async () => {
  await using world = new World({ also: 'workspaces: { repo: { setup: ["touch ready"] } }\n' });
  const slug = await changed(world);
  await world.ok("merge", slug);
  await world.ok("clean", slug);
  const mine = join(world.repo, ".dispatch", "tasks", slug);
  writeFileSync(join(mine, "mine.txt"), "kept");
  await world.ok("retry", slug);
  const { task } = await world.settled(slug);
  expect(task).toMatchObject({ attempt: 2, status: { state: "completed" }, worktree: { state: "present" } });
  expect(existsSync(join(task.worktree!.path, ".dispatch", "tasks", slug, "mine.txt"))).toBe(true);
  await world.ok("clean", slug);
  expect(existsSync(join(mine, "mine.txt"))).toBe(true);
});

test("a task whose worktree was taken away while everything was dead fails, and leaves no host", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: wait-file go\nscripted: finish done", "--worktree");
  const { task } = await world.until(slug, ({ task }) => task.status.state === "working");
  const dead = [...world.processes(" host "), await world.daemonPid()];
  for (const pid of dead) killIfThere(pid);
  await world.ended(dead);
  rmSync(task.worktree!.path, { recursive: true });
  const failed = await world.settled(slug);
  expect(failed.task.status).toMatchObject({ state: "failed", hint: `dispatch retry ${slug}` });
  await world.ended(world.processes(" host "));
});

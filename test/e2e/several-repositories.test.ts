import { expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallAnswer } from "../../src/protocol/api.ts";
import type { Merge } from "../../src/protocol/merge.ts";
import type { Task } from "../../src/protocol/task.ts";
import { Repository } from "./repository.ts";
import { killIfThere, World } from "./world.ts";

/** A world with a second repository, `client`, beside the usual one. */
function pair(also = ""): { world: World; client: Repository } & AsyncDisposable {
  const world = new World({ also });
  const client = new Repository(world, "client");
  return { world, client, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

/** Hands over a task in both, which runs this script, and answers it when it is completed. */
async function done(world: World, script: readonly string[], ...flags: string[]): Promise<Task> {
  const steps = [...script, "finish done"].map((step) => `scripted: ${step}`).join("\n");
  await world.dispatch(steps, "--also", "../client", "--name", "both", ...flags);
  const { task } = await world.settled("both");
  expect(task.status).toMatchObject({ state: "completed" });
  return task;
}

const EDITS = ["edit repo/a.txt ours", "edit client/b.txt theirs"];

test("a task in two repositories works in worktrees side by side, and is looked at, merged and cleaned as one", async () => {
  await using both = pair();
  const { world, client } = both;
  const task = await done(world, EDITS, "--worktree");
  const folder = task.runFolder!;
  expect([task.worktree, task.also[0]!.worktree]).toMatchObject([
    { path: join(folder, "repo"), branch: "dispatch/both", state: "present" },
    { path: join(folder, "client"), branch: "dispatch/both", state: "present" },
  ]);
  const [told] = await world.told("both");
  expect(told).toContain(`\`\`\`\nrepo: ${folder}/repo\nclient: ${folder}/client\n\`\`\``);
  expect(await world.ok("result", "both")).toBe("done\n\nChanged:\n  repo/a.txt\n  client/b.txt\n");
  expect(await world.ok("status", "both")).toContain(`and in ${folder}/client\n`);
  expect(await world.ok("export", "both")).toContain(`- Workspace: ${client.folder}\n`);

  const patch = await world.ok("diff", "both");
  expect(patch).toContain(`Repository client: ${folder}/client\ndiff --git a/client/b.txt b/client/b.txt\n`);
  const stat = await world.ok("diff", "both", "--stat");
  expect(stat).toMatch(/^repo {2}\S+\n {2}added .* a\.txt\nclient {2}\S+\n {2}added .* b\.txt\n$/);
  const { places } = await world.json<CallAnswer<"getDiff">>("diff", "both");
  expect(places.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
    ["repo", ["a.txt"]],
    ["client", ["b.txt"]],
  ]);

  const merged = await world.ok("merge", "both", "-m", "Say both");
  expect(merged).toMatch(
    /^Merged both: 2 files, \w+\.\n {2}repo: into main, \w+\n {2}client: into main, \w+\n$/,
  );
  expect([world.read("a.txt"), client.read("b.txt")]).toEqual(["ours\n", "theirs\n"]);
  expect([world.git("status", "--porcelain"), client.git("status", "--porcelain")]).toEqual(["", ""]);
  expect(await world.ok("merge", "both")).toContain("client: merged into main already\n");
  const cleaned = await world.ok("clean", "both");
  expect(cleaned).toContain("both: removed branch dispatch/both of client\n");
  expect(existsSync(folder)).toBe(false);
  expect(readFileSync(join(world.repo, ".dispatch/tasks/both/plan.md"), "utf8")).not.toBe("");
  for (const repository of [world, client]) {
    expect(repository.git("branch", "--list", "dispatch/*")).toBe("");
    expect(repository.git("for-each-ref", "refs/dispatch/base", "refs/dispatch/making")).toBe("");
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  }
});

test("the patch of both applies where they lie side by side, and that of one in its repository", async () => {
  await using both = pair();
  const { world, client } = both;
  await done(world, EDITS, "--worktree");
  writeFileSync(join(world.root, "one.patch"), await world.ok("diff", "both", "--only", "client"));
  client.git("apply", join(world.root, "one.patch"));
  expect(client.read("b.txt")).toBe("theirs\n");
  writeFileSync(join(world.root, "both.patch"), await world.ok("diff", "both"));
  const beside = join(world.root, "beside");
  mkdirSync(beside);
  const run = Bun.spawnSync(["git", "apply", "../both.patch"], { cwd: beside, env: world.environment });
  expect(run.stderr.toString()).toBe("");
  expect(readFileSync(join(beside, "client/b.txt"), "utf8")).toBe("theirs\n");
  expect(await world.run("diff", "both", "--only", "nobody")).toMatchObject({ code: 3 });
});

test("without a worktree it works in the checkouts, and what others do in either is told", async () => {
  await using both = pair();
  const { world, client } = both;
  client.write("old.txt", "there before\n");
  const theirs = client.folder;
  await world.ok("run", "scripted: wait-file go", "--workspace", theirs, "--name", "other");
  const steps = `scripted: edit a.txt ours\nscripted: run echo theirs > ${theirs}/b.txt\nscripted: finish done`;
  const handed = await world.run("run", steps, "--also", "../client", "--name", "both");
  expect(handed.stderr).toContain("both may write the same files as other at the same time");
  const { task } = await world.settled("both");
  expect(task).toMatchObject({ status: { result: { files: ["repo/a.txt", "client/b.txt"] } } });
  expect(task).toMatchObject({ runFolder: world.repo, worktree: null, also: [{ worktree: null }] });
  expect(await world.ok("diff", "both", "--only", "client")).toContain("+theirs");
  expect(await world.run("merge", "both")).toMatchObject({ code: 5 });
  await world.ok("clean", "both");
  await world.ok("cancel", "other");
  await world.settled("other");
  await world.ok("clean", "other");
  expect(client.git("for-each-ref", "refs/dispatch")).toBe("");
});

test("a worker that may edit in its folder may do so in all repositories of its task, and nowhere else", async () => {
  await using both = pair();
  const { world, client } = both;
  await world.ok("rules", "add", "deny", "--path", join(client.folder, "secret/**"));
  const steps = [
    `client-write ${client.folder}/b.txt theirs`,
    `client-write ${client.folder}/secret/key stolen`,
  ].map((step) => `scripted: ${step}`);
  client.commit("secret/key", "kept\n");
  const flags = ["--also", "../client", "--permissions", "edits", "--name", "edits"];
  await world.dispatch(steps.join("\n"), ...flags);
  expect((await world.settled("edits")).approvals.filter(({ status }) => status.state === "open")).toEqual(
    [],
  );
  expect(client.read("b.txt")).toBe("theirs");
  expect(client.read("secret/key")).toBe("kept\n");
  await world.dispatch(`scripted: client-write ${client.folder}/.git/config x`, ...flags);
  expect((await world.settled("edits-2")).approvals).toMatchObject([{ status: { state: "open" } }]);
});

test("a rule that restricts one of the repositories binds a task that works in it too", async () => {
  await using both = pair();
  const { world } = both;
  await world.ok("run", "scripted: finish done", "--workspace", "../client", "--name", "known");
  await world.ok("rules", "add", "deny", "touch here", "--workspace", "client");
  await done(world, ["run touch here", "run touch there"]);
  expect([existsSync(join(world.repo, "here")), existsSync(join(world.repo, "there"))]).toEqual([
    false,
    true,
  ]);
});

test("a boundary begins with the name of a repository, and is kept in each", async () => {
  await using both = pair();
  const { world, client } = both;
  await world.ok(
    "run",
    "scripted: wait-file go",
    "--workspace",
    client.folder,
    "--owns",
    "src/**",
    "--name",
    "other",
  );
  const refused = await world.run("run", "x", "--also", "../client", "--owns", "client/src/b.txt");
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stderr).toContain("its src/b.txt overlaps src/** of other");
  const free = await world.run(
    "run",
    "scripted: wait-file go",
    "--also",
    "../client",
    "--owns",
    "repo/**",
    "--name",
    "mine",
  );
  expect(free).toMatchObject({ code: 0, stderr: "" });
  expect(await world.ok("tasks", "--workspace", "client")).toContain("mine");
  await world.ok("cancel", "other");
  await world.settled("other");
  expect((await world.run("workspaces", "rm", "client")).stderr).toContain("client has 1 open task");
  await world.ok("cancel", "mine");
  await done(world, EDITS, "--worktree", "--owns", "repo/**");
  const { flags } = await world.task("both");
  expect(flags[0]!.text).toBe("It changed files outside its boundary (repo/**): client/b.txt");
});

test("what conflicts in one repository is merged in none", async () => {
  await using both = pair();
  const { world, client } = both;
  await done(world, EDITS, "--worktree");
  client.commit("b.txt", "ours\n");
  const heads = () => [world.git("rev-parse", "main"), client.git("rev-parse", "main")];
  const before = heads();
  const conflict = await world.run("merge", "both");
  expect(conflict).toMatchObject({ code: 1 });
  expect(conflict.stdout).toBe(
    "both conflicts; nothing was changed:\n  client/b.txt\n  repo: not merged, though it could be\n  client: conflicts with main\n",
  );
  client.write("b.txt", "in the way\n");
  client.git("reset", "-q", "--hard", "HEAD~1");
  client.write("b.txt", "not committed\n");
  const blocked = await world.run("merge", "both");
  expect(blocked).toMatchObject({ code: 5 });
  expect(blocked.stderr).toContain("would overwrite your b.txt");
  expect(world.git("rev-parse", "main")).toBe(before[0]!);
  expect(client.read("b.txt")).toBe("not committed\n");
});

test("where a later repository cannot land after all, both are named, and a repeat goes on from there", async () => {
  await using both = pair();
  const { world, client } = both;
  await done(world, EDITS, "--worktree");
  // A lock that only the move of a branch runs into: all that can be checked before is in order.
  const lock = join(client.folder, ".git/refs/heads/main.lock");
  writeFileSync(lock, "");
  const failed = await world.run("merge", "both");
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toContain("repo (main) is merged, client (main) is not: ");
  expect(world.read("a.txt")).toBe("ours\n");
  expect(client.git("status", "--porcelain")).toBe("");
  const { task } = await world.task("both");
  expect([task.worktree!.state, task.also[0]!.worktree!.state]).toEqual(["merged", "present"]);
  expect(await world.run("clean", "both")).toMatchObject({ code: 5 });
  rmSync(lock);
  expect(await world.ok("merge", "both")).toMatch(/repo: merged into main already\n {2}client: into main, /);
  expect(client.read("b.txt")).toBe("theirs\n");
});

/** Has git stop in the second repository when it writes a file `*.slow`, until the pipe `gate` is written. */
function slow({ world, client }: { world: World; client: Repository }): string {
  const home = world.environment["HOME"]!;
  Bun.spawnSync(["mkfifo", join(home, "gate")]);
  const wait = 'test -e "$HOME/go" || { touch "$HOME/held"; read _ < "$HOME/gate"; }; cat';
  client.git("config", "filter.slow.smudge", wait);
  client.git("config", "filter.slow.clean", "cat");
  client.commit(".gitattributes", "*.slow filter=slow\n");
  return home;
}

test("killed between two worktrees, it makes what is missing and leaves nothing behind", async () => {
  await using both = pair();
  const { world, client } = both;
  client.commit("a.slow", "slow\n");
  const home = slow(both);
  await world.dispatch("scripted: finish done", "--also", "../client", "--worktree", "--name", "both");
  await world.appears("held", home);
  expect((await world.task("both")).task).toMatchObject({
    worktree: { state: "making" },
    also: [{ worktree: { state: "making" } }],
  });
  await world.killDaemon();
  for (const pid of world.processes("git")) killIfThere(pid);
  await world.ended(world.processes("git"));
  writeFileSync(join(home, "go"), "");
  const { task } = await world.settled("both");
  expect(task.status).toMatchObject({ state: "completed" });
  expect(readFileSync(join(task.runFolder!, "client/a.slow"), "utf8")).toBe("slow\n");
  for (const repository of [world, client]) {
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(2);
    expect(repository.git("branch", "--list", "dispatch/*").trim()).toBe("+ dispatch/both");
    expect(repository.git("for-each-ref", "refs/dispatch/making")).toBe("");
  }
});

test("killed between two landings, it lands what is left, and says meanwhile what has landed", async () => {
  await using both = pair();
  const { world, client } = both;
  const home = slow(both);
  await done(world, ["edit repo/a.txt ours", "edit client/b.slow theirs"], "--worktree");
  await world.ok("merge", "both", "--queue");
  await world.appears("held", home);
  await world.killDaemon();
  expect(world.read("a.txt")).toBe("ours\n");
  expect(client.git("ls-tree", "--name-only", "main")).not.toContain("b.slow");
  writeFileSync(join(home, "go"), "");
  const git = world.processes("git");
  writeFileSync(join(home, "gate"), "\n");
  await world.ended(git);
  const { task } = await world.task("both");
  expect(task.worktree!.state).toBe("merged");
  expect(await world.ok("wait", "both")).toContain("both into main, main of client: merged");
  expect(client.read("b.slow")).toBe("theirs\n");
  for (const repository of [world, client]) {
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("for-each-ref", "refs/dispatch/merging")).toBe("");
  }
  expect(world.git("rev-list", "--count", "main").trim()).toBe("2");
});

test("clean loses nothing in any of them, and keeps what lies beside them", async () => {
  await using both = pair();
  const { world, client } = both;
  const { runFolder, also } = await done(world, [...EDITS, "edit notes.txt beside"], "--worktree");
  await world.ok("merge", "both");
  appendFileSync(join(also[0]!.worktree!.path, "b.txt"), "later\n");
  const refused = await world.run("clean", "both");
  expect(refused).toMatchObject({ code: 5 });
  expect(existsSync(join(runFolder!, "repo"))).toBe(true);
  const forced = await world.ok("clean", "both", "--force");
  const ref = /backup (refs\/dispatch\/backup\/\S+) of client/.exec(forced)![1]!;
  expect(client.git("show", `${ref}:b.txt`)).toBe("theirs\nlater\n");
  expect(forced).toContain(`both: kept ${runFolder}\n`);
  expect(readFileSync(join(runFolder!, "notes.txt"), "utf8")).toBe("beside\n");
});

test("each repository gets the setup of its own workspace", async () => {
  await using both = pair(
    `workspaces:\n  repo: { setup: ["touch made-for-repo"] }\n  client: { copy: [".env"], setup: ["touch made-for-$(basename $PWD)"] }\n`,
  );
  const { world, client } = both;
  client.commit(".gitignore", ".env\nmade*\n");
  client.write(".env", "KEY=1\n");
  const { runFolder } = await done(
    world,
    ["run test -e repo/made-for-repo && cat client/.env"],
    "--worktree",
  );
  expect(existsSync(join(runFolder!, "client/made-for-client"))).toBe(true);
  expect(existsSync(join(runFolder!, "repo/made-for-client"))).toBe(false);
});

test("the queue lands both behind both gates; what fails goes back to the worker, which is told where", async () => {
  await using both = pair(
    `workspaces:\n  repo: { gate: ["test -e a.txt"] }\n  client: { gate: ["! grep -q '<<<<' readme.txt", "test ! -e red.txt"] }\n`,
  );
  const { world, client } = both;
  const settle = "git merge -q main; printf 'both\\n' > readme.txt; git commit -qam settled";
  const later = [
    "finish done",
    "stop end_turn",
    `run cd client && git rm -q red.txt && git commit -qm less && ${settle}`,
  ];
  await done(
    world,
    ["edit repo/a.txt ours", "edit client/readme.txt theirs", "edit client/red.txt x", ...later],
    "--worktree",
  );
  client.commit("readme.txt", "theirs already\n");
  expect(await world.run("merge", "both")).toMatchObject({ code: 5 });
  await world.ok("merge", "both", "--queue", "--wait");
  const [merge] = (await world.json<{ merges: Merge[] }>("merges")).merges;
  expect(merge).toMatchObject({ status: { state: "merged" }, handbacks: 1, also: [{ name: "client" }] });
  const told = (await world.told("both")).at(-1)!;
  const { task } = await world.task("both");
  expect(told).toContain(`In the worktree \`${task.also[0]!.worktree!.path}\` run \`git merge `);
  expect([world.read("a.txt"), client.read("readme.txt")]).toEqual(["ours\n", "both\n"]);
  expect(existsSync(join(client.folder, "red.txt"))).toBe(false);
  expect(client.git("worktree", "list").trim().split("\n")).toHaveLength(2);
  await world.ok("clean", "both");
});

test("a gate that fails in one keeps the other from landing too", async () => {
  await using both = pair(`workspaces:\n  client: { gate: ["test ! -e b.txt"] }\n`);
  const { world } = both;
  await done(world, EDITS, "--worktree");
  const head = world.git("rev-parse", "main");
  const run = await world.run("merge", "both", "--queue", "--no-handback", "--wait");
  expect(run.stdout).toBe(
    "both into main, main of client: gate-failed, client: test ! -e b.txt ended with 1\nNext: dispatch resume both   dispatch merge both --queue\n",
  );
  expect(world.git("rev-parse", "main")).toBe(head);
});

test("what comes after starts from the work in each repository that the two share", async () => {
  await using both = pair();
  const { world } = both;
  await done(world, EDITS, "--worktree");
  const look =
    "scripted: run test -e repo/a.txt && test -e client/b.txt && touch client/seen.txt\nscripted: finish done";
  await world.dispatch(look, "--also", "../client", "--worktree", "--after", "both", "--name", "next");
  expect((await world.settled("next")).task.status).toMatchObject({ result: { files: ["client/seen.txt"] } });
  await world.dispatch(
    "scripted: run cat b.txt\nscripted: finish done",
    "--workspace",
    "../client",
    "--worktree",
    "--after",
    "both",
    "--name",
    "last",
  );
  const { task } = await world.settled("last");
  expect(existsSync(join(task.worktree!.path, "b.txt"))).toBe(true);
});

test("a lost worktree comes back as its branch has it, and one without a branch anew, beside the others", async () => {
  await using both = pair();
  const { world, client } = both;
  const task = await done(
    world,
    [...EDITS, "run cd client && git add -A && git commit -qm kept"],
    "--worktree",
  );
  rmSync(task.also[0]!.worktree!.path, { recursive: true });
  expect((await world.run("diff", "both")).stderr).toContain("dispatch: hint: dispatch retry both\n");
  await world.ok("retry", "both");
  await world.settled("both");
  expect(readFileSync(join(task.runFolder!, "client/b.txt"), "utf8")).toBe("theirs\n");
  rmSync(task.also[0]!.worktree!.path, { recursive: true });
  client.git("worktree", "prune");
  client.git("branch", "-D", "dispatch/both");
  await world.ok("retry", "both", "--fresh");
  expect((await world.settled("both")).task.status.state).toBe("completed");
  expect(readFileSync(join(task.runFolder!, "repo/a.txt"), "utf8")).toBe("ours\n");
});

test("a pull request for each repository that changed, pushed where all have the remote", async () => {
  await using both = pair();
  const { world, client } = both;
  await done(world, EDITS, "--worktree");
  const text = await world.ok("pr", "both");
  expect(text).toContain("- `dispatch/both` of `client`\n");
  expect(text.match(/^## What was asked$/gm)).toHaveLength(2);
  const remote = (name: string) => join(world.root, `${name}.git`);
  for (const name of ["repo", "client"]) world.git("init", "-q", "--bare", remote(name));
  world.git("remote", "add", "origin", remote("repo"));
  expect(await world.run("pr", "both", "--push", "origin")).toMatchObject({ code: 3 });
  expect(world.git("ls-remote", remote("repo"))).toBe("");
  client.git("remote", "add", "origin", remote("client"));
  const pushed = await world.run("pr", "both", "--push", "origin", "--only", "client", "--body");
  expect(pushed.stderr).toContain("pushed dispatch/both of client to its origin");
  expect(pushed.stdout).toContain("- `b.txt` added");
  expect(world.git("ls-remote", remote("repo"))).toContain("refs/heads/dispatch/both\n");
  expect(client.git("ls-remote", remote("client"))).toContain("refs/heads/dispatch/both\n");
});

test("a file of tasks and one prompt for several models take further repositories too", async () => {
  await using both = pair();
  const { world } = both;
  const prompt = "scripted: edit client/b.txt x\nscripted: finish done";
  world.write(
    "tasks.json",
    JSON.stringify({ defaults: { worktree: true, also: "../client" }, tasks: [{ name: "first", prompt }] }),
  );
  await world.ok("run", "-f", "tasks.json", "--wait");
  expect((await world.task("first")).task).toMatchObject({
    also: [{ name: "client" }],
    status: { state: "completed" },
  });
  world.write("tasks.json", JSON.stringify([{ name: "two", prompt, also: ["../client", "../nowhere"] }]));
  expect((await world.run("run", "-f", "tasks.json")).stderr).toContain("does not exist");
  await world.ok(
    "run",
    prompt,
    "--models",
    "scripted,scripted",
    "--also",
    "../client",
    "--name",
    "fan",
    "--wait",
  );
  const { tasks } = await world.json<{ tasks: { task: Task }[] }>("status", "fan");
  expect(tasks.map(({ task }) => task.status)).toMatchObject([
    { result: { files: ["client/b.txt"] } },
    { result: { files: ["client/b.txt"] } },
  ]);
});

test("what cannot be one task is refused, with what to do", async () => {
  await using both = pair();
  const { world, client } = both;
  mkdirSync(join(world.root, "plain"));
  client.git("worktree", "add", "-q", join(world.root, "linked"));
  const inner = new Repository(world, "repo/inner");
  const cases: [string[], string, string][] = [
    [["../client", "../client"], "is given twice", "without --also"],
    [["../client", "../linked"], "are of the same repository", "without --also"],
    [["."], "is given twice", "without --also"],
    [[inner.folder], "lies inside the repository of", "dispatch run --workspace"],
    [["../plain"], "is in none", "git init"],
    [["../nowhere"], "does not exist", "mkdir -p"],
    [["nobody"], 'no workspace "nobody"', "dispatch projects"],
  ];
  for (const [also, message, hint] of cases) {
    const run = await world.run("run", "x", ...also.flatMap((path) => ["--also", path]));
    expect([also, run.code === 0]).toEqual([also, false]);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toMatch(new RegExp(`hint: .*${hint}`));
  }
  expect(await world.ok("tasks")).not.toContain("x");
});

import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { homeFiles } from "../../src/base/home.ts";
import type { Merge } from "../../src/protocol/merge.ts";
import { World } from "./world.ts";

/** A world whose merges pass a gate. */
function gated(gate: string, teardown = "true"): World {
  const settings = JSON.stringify({ gate: [gate], teardown: [teardown] });
  return new World({ also: `workspaces:\n  repo: ${settings}\n` });
}

/** A completed task that has run this script in a worktree. */
async function done(world: World, name: string, ...script: string[]): Promise<string> {
  const steps = [...script, "finish done"].map((step) => `scripted: ${step}`).join("\n");
  await world.dispatch(steps, "--worktree", "--name", name);
  expect((await world.settled(name)).task.status.state).toBe("completed");
  return name;
}

async function queue(world: World, ...words: string[]): Promise<Merge[]> {
  const run = await world.run("merge", ...words, "--wait", "--json");
  expect(run.stderr).toBe("");
  return (JSON.parse(run.stdout) as { merges: Merge[] }).merges;
}

/** Starts a command whose calls to the daemon pass here, and resolves when it makes this one. */
async function startUntil(world: World, call: string, ...words: string[]) {
  const home = join(world.root, "passing");
  mkdirSync(home);
  const made = Promise.withResolvers<void>();
  const door = createServer((caller) => {
    const daemon = connect(homeFiles(world.home).socket);
    caller.on("data", (chunk) => String(chunk).startsWith(call) && made.resolve());
    caller.on("error", () => daemon.destroy()).pipe(daemon);
    daemon.on("error", () => caller.destroy()).pipe(caller);
  });
  await new Promise<void>((resolve) => void door.listen(homeFiles(home).socket, resolve));
  const child = Bun.spawn([...world.self, ...words], {
    cwd: world.repo,
    env: { ...world.environment, DISPATCH_HOME: home },
    stdout: "pipe",
  });
  void child.exited.then(() => door.close());
  await made.promise;
  return child;
}

test("a queued merge lands as one commit once its gate has passed on it, and the checkout follows", async () => {
  await using world = gated("test -e a.txt && test ! -e red.txt");
  await done(world, "one", "edit a.txt one", "run git add . && git commit -qm half", "edit b.txt two");
  const refused = await world.run("merge", "one");
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stderr).toContain("dispatch: hint: dispatch merge one --queue\n");
  const [merge] = await queue(world, "one", "--queue");
  expect(merge!.status).toMatchObject({ state: "merged", commit: world.git("rev-parse", "main").trim() });
  expect(world.git("log", "--format=%s")).toBe("scripted: edit a.txt one\nfirst\n");
  expect(world.read("b.txt")).toBe("two\n");
  expect(world.git("status", "--porcelain")).toBe("");
  expect(world.git("worktree", "list").trim().split("\n")).toHaveLength(2);
  expect(await world.ok("merges")).toMatch(/^one +main +merged /);
  expect(await world.ok("clean", "one")).toContain("removed branch dispatch/one");
});

test("all that is done is queued, or what is done of one sweep, which goes by its name", async () => {
  await using world = gated("true");
  const prompt = (file: string) => `scripted: edit ${file} x\nscripted: finish done`;
  const tasks = [
    { name: "one", prompt: prompt("a.txt") },
    { name: "two", prompt: prompt("b.txt") },
    { name: "broken", prompt: "scripted: crash" },
  ];
  world.write("tasks.json", JSON.stringify({ name: "night", defaults: { worktree: true }, tasks }));
  await world.run("run", "-f", "tasks.json", "--wait");
  await done(world, "other", "edit c.txt x");
  const merged = await queue(world, "--all", "--sweep", "night");
  expect(merged.map(({ slug, status }) => [slug, status.state])).toEqual([
    ["one", "merged"],
    ["two", "merged"],
  ]);
  expect(await world.run("merge", "--all", "--sweep", "nigth")).toMatchObject({ code: 3 });
  expect(await queue(world, "--all")).toMatchObject([{ slug: "other", status: { state: "merged" } }]);
  expect(await world.ok("merge", "--all")).toBe("Nothing to merge.\n");
  expect(await world.run("merge", "--all", "one")).toMatchObject({ code: 2 });
  expect(await world.run("merge", "one", "--sweep", "night")).toMatchObject({ code: 2 });
});

test("what cannot be merged is named, and keeps nothing else of all that is done from it", async () => {
  await using world = gated("true");
  world.git("checkout", "-q", "--detach");
  await done(world, "loose", "edit a.txt x");
  world.git("checkout", "-q", "main");
  await done(world, "whole", "edit b.txt x");
  const all = await world.run("merge", "--all", "--wait");
  expect(all.stdout).toMatch(/^whole into main: merged\b.*\n$/);
  expect(all.code).toBe(1);
  expect(all.stderr).toContain(
    "note: loose is left out: loose started from a commit that was on no branch\ndispatch: hint: ",
  );
  expect(await world.run("merge", "loose", "whole")).toMatchObject({ code: 5, stdout: "" });
});

test("a gate that fails moves nothing, says why, and the work stays", async () => {
  await using world = gated("echo looking; test ! -e red.txt");
  await done(world, "red", "edit red.txt bad");
  const head = world.git("rev-parse", "main");
  const run = await world.run("merge", "red", "--queue", "--no-handback", "--wait");
  expect(run.code).toBe(1);
  expect(run.stdout).toContain(
    "red into main: gate-failed, echo looking; test ! -e red.txt ended with 1\n  looking\n",
  );
  expect(world.git("rev-parse", "main")).toBe(head);
  expect(world.git("show", "dispatch/red:red.txt")).toBe("bad\n");
  expect(await world.run("clean", "red")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("hint: dispatch merge red --queue, or dispatch clean red --force\n"),
  });
});

test("the summary says how merges went, why, and which command goes on", async () => {
  await using world = gated(
    'test ! -e red.txt && { test ! -e "$HOME/hold" || { touch "$HOME/begun"; sleep 600; }; }',
  );
  await done(world, "red", "edit red.txt bad");
  await done(world, "two", "edit readme.txt theirs");
  await done(world, "good", "edit a.txt a");
  expect(await world.ok("summary")).toContain("\n  dispatch merge good --queue\n");
  world.write("readme.txt", "ours\n");
  world.git("commit", "-qam", "ours");
  await world.run("merge", "--all", "--no-handback", "--wait");
  const said = await world.ok("summary");
  expect(said).toMatch(/\n {2}good .* merged +done\n/);
  expect(said).toContain(
    "two: conflict, conflicts in readme.txt\n    dispatch resume two   dispatch merge two --queue\n",
  );
  expect(said).toContain("red: gate-failed, ");
  expect(said).not.toContain("dispatch merge red\n");
  const two = await world.ok("status", "two");
  expect(two).toContain("\nmerge: conflict, conflicts in readme.txt\n");
  expect(two).toEndWith("Next: dispatch diff two   dispatch resume two   dispatch merge two --queue\n");
  await done(world, "late", "edit b.txt b");
  const user = world.environment["HOME"]!;
  writeFileSync(join(user, "hold"), "");
  await world.ok("merge", "late", "--queue");
  await world.appears("begun", user);
  const meanwhile = await world.ok("summary");
  expect(meanwhile).toMatch(/In the merge queue\n {2}late {2}gating {2}\w+\n {4}dispatch merges\n$/);
  expect(meanwhile).not.toContain("dispatch merge late");
  await world.ok("merge", "--cancel", "late");
  expect(await world.ok("summary")).toContain("\n  dispatch merge late --queue\n");
});

test("a conflict goes back to the worker's own conversation, and what it settles is merged", async () => {
  await using world = gated("! grep -q '<<<<' readme.txt");
  const settle = "git merge -q main; printf 'ours and theirs\\n' > readme.txt; git commit -qam settled";
  await done(
    world,
    "two",
    "edit readme.txt theirs",
    "finish done",
    "stop end_turn",
    `run ${settle}`,
    "recall",
  );
  world.write("readme.txt", "ours\n");
  world.git("commit", "-qam", "ours of the user");
  const [merge] = await queue(world, "two", "--queue");
  expect(merge).toMatchObject({ status: { state: "merged" }, handbacks: 1 });
  expect(world.read("readme.txt")).toBe("ours and theirs\n");
  const told = (await world.told("two")).at(-1)!;
  expect(told).toContain("```\nreadme.txt\n```");
  expect(told).toContain("ours of the user");
  expect(await world.said("two")).toContain("turns 2");
});

test("a worker that cannot settle it gets it twice, then it is named", async () => {
  await using world = gated("test ! -e red.txt");
  await done(world, "red", "edit red.txt bad");
  const [merge] = await queue(world, "red", "--queue");
  expect(merge).toMatchObject({ status: { state: "gate-failed", trouble: { exitCode: 1 } }, handbacks: 2 });
  expect((await world.task("red")).task.attempt).toBe(3);
});

test("wait returns when the merge of a task has ended, and a cancelled one moves nothing", async () => {
  await using world = gated('touch "$HOME/begun"; sleep 600', 'touch "$HOME/torn"');
  await done(world, "slow", "edit a.txt one");
  const head = world.git("rev-parse", "main");
  const user = world.environment["HOME"]!;
  await world.ok("merge", "slow", "--queue");
  await world.appears("begun", user);
  const waiting = await startUntil(world, "GET /attention ", "wait", "slow"); // it has looked at the merges by then
  expect(await world.run("clean", "slow")).toMatchObject({ code: 1 });
  await world.ok("merge", "--cancel", "slow");
  expect(await waiting.exited).toBe(1);
  expect(await new Response(waiting.stdout).text()).toBe("slow into main: canceled.\n");
  expect(await world.run("merge", "--cancel", "slow")).toMatchObject({ code: 1 });
  expect(world.git("rev-parse", "main")).toBe(head);
  await world.appears("torn", user);
  expect(world.processes("sleep 600")).toEqual([]);
});

test("a target that moves while the gate runs is tried anew, on what it has become", async () => {
  await using world = gated('test -e ours.txt || { touch "$HOME/started"; cat "$HOME/moved"; }');
  await done(world, "late", "edit a.txt one");
  const user = world.environment["HOME"]!;
  Bun.spawnSync(["mkfifo", join(user, "moved")]);
  await world.ok("merge", "late", "--queue");
  await world.appears("started", user);
  world.write("ours.txt", "ours\n");
  world.git("add", ".");
  world.git("commit", "-qm", "ours");
  writeFileSync(join(user, "moved"), ""); // the gate reads it
  await world.run("wait", "late");
  expect(world.git("log", "--format=%s")).toBe("scripted: edit a.txt one\nours\nfirst\n");
});

test("a checkout whose user has changed the same file is left alone, and it is said", async () => {
  await using world = gated("true");
  await done(world, "tree", "edit readme.txt theirs");
  world.write("readme.txt", "not committed\n");
  const [merge] = await queue(world, "tree", "--queue");
  expect(merge!.status).toMatchObject({ state: "refused", message: expect.stringContaining("readme.txt") });
  expect(world.read("readme.txt")).toBe("not committed\n");
});

test("a worker that settles a conflict without a commit is done, and one that leaves the marks is not", async () => {
  await using world = gated("! grep -q '<<<<' readme.txt");
  const begin = "run git merge -q main";
  const later = [
    "stop end_turn",
    begin,
    "finish left",
    "stop end_turn",
    "edit readme.txt both",
    "finish settled",
  ];
  await done(world, "two", "edit readme.txt theirs", "finish done", ...later);
  world.write("readme.txt", "ours\n");
  world.git("commit", "-qam", "ours");
  const [merge] = await queue(world, "two", "--queue");
  expect(merge).toMatchObject({ status: { state: "merged" }, handbacks: 2 });
  expect(world.read("readme.txt")).toBe("both\n");
  expect(await world.ok("clean", "two")).toContain("removed branch dispatch/two");
});

test("names of any kind, submodules and filters come through the queue as they are", async () => {
  await using world = new World({
    also: `workspaces:
  repo:
    setup: ["git -c protocol.file.allow=always submodule update --init -q"]
    gate: ["test -e lib/readme.txt && test -e ./-rf && cat big.bin"]
`,
  });
  const lib = join(world.root, "lib");
  world.git("clone", "-q", world.repo, lib);
  world.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", lib, "lib");
  world.write(".gitattributes", "*.bin filter=up\n");
  world.git("config", "filter.up.clean", "tr a-z A-Z");
  world.git("config", "filter.up.smudge", "tr A-Z a-z");
  world.git("add", ".");
  world.git("commit", "-qm", "lib");
  await done(world, "odd", "run touch -- -rf 'a b' \"$(printf 'c\\nd')\" -- && echo loud > big.bin");
  const [merge] = await queue(world, "odd", "--queue");
  expect(merge).toMatchObject({ status: { state: "merged" } });
  const files = world.git("ls-tree", "-z", "--name-only", "main").split("\0");
  expect(files).toEqual(expect.arrayContaining(["-rf", "a b", "c\nd", "big.bin"]));
  expect(world.git("cat-file", "-p", "main:big.bin")).toBe("LOUD\n");
  expect(world.read("big.bin")).toBe("loud\n");
  expect(world.git("worktree", "list").trim().split("\n")).toHaveLength(2);
});

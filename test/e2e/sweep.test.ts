import { expect, test } from "bun:test";
import type { SweepDetail } from "../../src/protocol/sweep.ts";
import { AGENT, World } from "./world.ts";

const DONE = "scripted: finish done";

function sweepOf(world: World, slug: string): Promise<SweepDetail> {
  return world.json("status", slug);
}

function states({ tasks }: SweepDetail): Record<string, string> {
  return Object.fromEntries(tasks.map(({ task }) => [task.slug, task.status.state]));
}

test("a file of tasks is handed over in one go, in its order, and waited for as one", async () => {
  await using world = new World();
  world.write("notes/facts.md", "the sky is blue\n");
  world.write(
    "notes/tasks.yaml",
    `name: colours
concurrent: 1
workspace: ..
defaults: { timeout: 5m, priority: low }
tasks:
  - "scripted: run echo alone >> order"
  - name: last
    prompt: |
      scripted: run echo last >> order
    after: [build]
    priority: high
    plan: [look, "- [ ] write"]
    context-files: facts.md
  - name: build
    prompt: "Build it\\nscripted: run echo build >> order"
`,
  );
  const said = await world.ok("run", "-f", "notes/tasks.yaml");
  expect(said).toBe(
    "Dispatched 3 tasks as colours.\n" +
      "● run-echo-alone-order: scripted: scripted: run echo alone >> order\n" +
      "● last: scripted: scripted: run echo last >> order (after build)\n" +
      "● build: scripted: Build it\n",
  );
  expect(await world.run("wait", "colours")).toMatchObject({ code: 1 });
  const detail = await sweepOf(world, "colours");
  expect(states(detail)).toMatchObject({ build: "completed", "run-echo-alone-order": "completed" });
  const last = await world.task("last");
  expect(last.task.timeoutMs).toBe(300_000);
  expect(last.task.plan.items.map(({ text }) => text)).toEqual(["look", "write"]);
  expect(last.context.files).toEqual([{ path: "facts.md", content: "the sky is blue\n" }]);
  expect(world.read("order")).toBe("alone\nbuild\nlast\n");
  expect(await world.ok("sweeps")).toContain("colours");
  expect((await world.json<{ tasks: unknown[] }>("tasks", "--sweep", "colours")).tasks).toHaveLength(3);
});

test("every fault of a file is told at its line, and nothing is handed over", async () => {
  await using world = new World();
  world.write(
    "tasks.yaml",
    `tasks:
  - name: a
    prompt: one
    after: b
  - name: b
    prompt: two
    after: a
  - name: a
    prompt: three
  - prompt: four
    after: [nonesuch, x]
  - name: x
    prompt: five
    after: x
    model: nonesuch
  - prompt: six
    workspace: /does/not/exist
  - { prompt: seven, owns: ../out }
  - { prompt: eight, worktree: false, owns: src }
  - { prompt: nine, worktree: false, owns: src/a.ts }
`,
  );
  const { code, stderr } = await world.run("run", "-f", "tasks.yaml");
  expect(code).toBe(2);
  expect(stderr.split("\n").slice(0, 8)).toEqual([
    "dispatch: error: nothing was handed over: 7 faults",
    "  line 2, a: it waits for itself: a → b → a",
    "  line 8, a: the name a is taken by another task",
    '  line 10: it comes after "nonesuch", which is no task',
    "  line 12, x: it cannot come after itself",
    '  line 12, x: no model or agent "nonesuch"',
    "  line 16: /does/not/exist does not exist",
    '  line 18: "../out" is no glob for files: it leaves the folder',
  ]);
  expect(await world.ok("tasks")).toBe("No tasks.\n");
  world.write("tasks.yaml", "tasks:\n  - { prompt: a, owns: src }\n  - { prompt: b, owns: src/a.ts }\n");
  const overlap = await world.run("run", "-f", "tasks.yaml");
  expect(overlap.stderr).toContain(
    "line 3: its src/a.ts overlaps src of a, which works in the same checkout",
  );
  expect(await world.ok("tasks")).toBe("No tasks.\n");
});

test.each([
  ["tasks:\n  - prompt: a\n    modle: x\n", "line 3", "modle"],
  ["tasks:\n  - prompt: a\n  - after: a\n", "line 3", "prompt"],
  ["tasks: []\n", "line 1", "tasks: it is empty"],
  ["tasks:\n  - prompt: a\n    priority: urgent\n", "line 3", "priority"],
  ["tasks:\n  - prompt: [a\n", "line 3", "end with a ]"],
  ["tasks:\n  - prompt: a\n    prompt: b\n", "line 3", "unique"],
  ["tasks:\n  - prompt: a\n    context-files: none.md\n", "line 3", "no context file"],
  ["", "line 1", "it is not keys with values"],
  ["name: x\n", "line 1", "tasks: it is missing"],
  ["tasks: a\n", "line 1", "tasks: it is not a list"],
  ["tasks: [a]\n---\ntasks: [b]\n", "line 2", "a second document"],
  ["tasks: [*nope]\n", "line 1", "alias"],
  ["tasks:\r\n  - prompt: a\r\n    timeout: soon\r\n", "line 3", "no duration"],
  ["budget: $5\ntimeout: 0s\ntasks: [a]\n", "line 2", "no duration"],
  ["tasks:\n  - prompt: a\n    name: ä\n    budget: lots\n", "line 4", "no budget"],
  ["tasks:\n\t- a\n", "line 2", "tabs"],
])("what cannot be read is told with its line: %j", async (text, line, word) => {
  await using world = new World();
  const { code, stderr } = await world.runWith(text, "run", "-f", "-");
  expect(code).toBe(2);
  expect(stderr).toContain(`  ${line}: `);
  expect(stderr.toLowerCase()).toContain(word.toLowerCase());
});

test("the faults of a file stand in the order of its lines", async () => {
  await using world = new World();
  const text = "tasks:\n  - name: 5\n    worktree: maybe\n    priority: urgent\n    promt: a\n";
  const { stderr } = await world.runWith(text, "run", "-f", "-");
  expect(stderr.split("\n").slice(0, 6)).toEqual([
    "dispatch: error: nothing was handed over: the input has 5 faults",
    "  line 2: prompt: it is missing",
    "  line 2: name: it is not a text",
    "  line 3: worktree: it is not true or false",
    "  line 4: priority: it is none of high, normal, low",
    "  line 5: it does not take promt",
  ]);
});

test("the same file again gives the tasks that it gave, and another key hands them over again", async () => {
  await using world = new World();
  world.write("tasks.json", JSON.stringify([`${DONE} one`, { prompt: DONE, name: "two" }]));
  const first = await world.json<{ tasks: { id: string }[] }>("run", "-f", "tasks.json");
  const again = await world.json<{ tasks: { id: string }[]; existing: boolean }>("run", "-f", "tasks.json");
  expect(again.existing).toBe(true);
  expect(again.tasks.map(({ id }) => id)).toEqual(first.tasks.map(({ id }) => id));
  expect(await world.ok("run", "-f", "tasks.json")).toStartWith("Dispatched before: ");
  const key = ["run", "-f", "tasks.json", "--idempotency-key", "k"];
  const third = await world.ok(...key);
  expect(third).toContain("● two-2:");
  expect(await world.ok(...key)).toBe(third);
  expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toHaveLength(4);
  expect(await world.run("run", "-f", "tasks.json", "--model", "opus")).toMatchObject({ code: 2 });
});

test("several texts are several tasks with the same flags, and one sweep", async () => {
  await using world = new World();
  const said = await world.ok(
    "run",
    "--task",
    `${DONE} a`,
    "--task",
    `${DONE} b`,
    "--worktree",
    "--name",
    "pair",
  );
  expect(said).toStartWith("Dispatched 2 tasks as pair.\n");
  expect(await world.run("wait", "pair")).toMatchObject({ code: 0 });
  expect(Object.values(states(await sweepOf(world, "pair")))).toEqual(["completed", "completed"]);
  expect(await world.run("run")).toMatchObject({ code: 2 });
  expect(await world.run("run", "text", "--task", "text")).toMatchObject({ code: 2 });
});

test("one prompt for several models is compared side by side, and one is merged", async () => {
  await using world = new World();
  const script =
    "scripted: model\nscripted: edit new.txt text\nscripted: usage 100 0.25\nscripted: finish did it";
  await world.ok("run", script, "--models", "scripted,shell,scripted", "--name", "best");
  await world.run("wait", "best");
  const { tasks, sweep } = await sweepOf(world, "best");
  expect(sweep.of).toBe("models");
  expect(tasks.map(({ task }) => [task.slug, task.wantsWorktree])).toEqual([
    ["best-scripted", true],
    ["best-shell", true],
    ["best-scripted-2", true],
  ]);
  const compared = await world.ok("compare", "best");
  expect(compared).toMatch(/lines +\+1 -0/);
  expect(compared).toContain("best-scripted\n  did it\n");
  expect(compared).toContain("Next: dispatch merge best-scripted   dispatch merge best-scripted-2\n");
  const merged = await world.run("merge", "best-scripted-2");
  expect(merged.stderr).toContain("the others stay until they are cleaned: best-scripted, best-shell");
  expect(world.read("new.txt")).toBe("text\n");
});

test("all is merged without rivals, of which one is taken by its name and then none is offered", async () => {
  await using world = new World();
  const script = "scripted: edit new.txt text\nscripted: finish did it";
  await world.ok("run", script, "--models", "scripted,scripted", "--name", "best");
  await world.ok("run", "scripted: edit a.txt a\nscripted: finish done", "--name", "plain", "--worktree");
  for (const name of ["best", "plain"]) await world.run("wait", name);
  expect(await world.ok("summary")).toEndWith(
    "To merge\n  dispatch merge plain\n  take one: best-scripted, best-scripted-2\n    dispatch compare best\n",
  );
  const all = await world.run("merge", "--all", "--wait");
  expect(all.stdout).toMatch(/^plain into main: merged, \w+\n$/);
  expect(all.stderr).toContain("note: best: one of its results is taken");
  for (const words of [["best"], ["--all", "--sweep", "best"]]) {
    const { code, stdout, stderr } = await world.run("merge", ...words);
    expect([code, stdout]).toEqual([0, "Nothing to merge.\n"]);
    expect(stderr).toEndWith("none is queued: dispatch compare best\n");
  }
  await world.ok("merge", "best-scripted-2");
  const lost = await world.ok("status", "best-scripted");
  expect(lost).toContain("best-scripted-2 was merged in its place");
  expect(lost).toEndWith("Next: dispatch diff best-scripted   dispatch clean best-scripted --force\n");
  expect(await world.run("clean", "best-scripted")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("hint: dispatch clean best-scripted --force\n"),
  });
  await world.ok("clean", "best-scripted-2");
  expect(await world.ok("summary")).not.toContain("To merge");
  expect(await world.ok("compare", "best")).not.toContain("dispatch merge");
  expect(await world.run("merge", "--all")).toMatchObject({ stdout: "Nothing to merge.\n", stderr: "" });
});

test("a sweep is canceled as one, after it said what that means", async () => {
  await using world = new World();
  await world.ok(
    "run",
    "--task",
    "scripted: silence",
    "--task",
    "scripted: silence 2",
    "--name",
    "pair",
    "--worktree",
  );
  expect(await world.run("cancel", "pair")).toMatchObject({ code: 2 });
  expect(await world.ok("cancel", "pair", "--dry-run")).toContain("silence");
  await world.ok("cancel", "pair", "--yes");
  expect(await world.run("wait", "pair")).toMatchObject({ code: 1 });
  expect(Object.values(states(await sweepOf(world, "pair")))).toEqual(["canceled", "canceled"]);
  expect(await world.run("cancel", "pair", "--yes")).toMatchObject({ code: 1 });
});

test("the time of a sweep ends what is open of it, and a retry after that is left alone", async () => {
  await using world = new World();
  world.write(
    "tasks.yaml",
    `name: short\ntimeout: 2s\ntasks:\n  - { name: slow, prompt: "scripted: wait-file go" }\n  - { name: next, prompt: "${DONE}", after: slow }\n`,
  );
  await world.ok("run", "-f", "tasks.yaml");
  await world.run("wait", "short");
  for (const name of ["slow", "next"])
    expect((await world.settled(name)).task.status).toMatchObject({
      state: "failed",
      reason: "timeout",
      message: "short was not done after 2s",
    });
  world.write("go", "");
  await world.ok("retry", "slow");
  await world.ok("retry", "next");
  await world.killDaemon();
  expect(await world.run("wait", "short")).toMatchObject({ code: 0 });
});

test("the summary says what happened, what to merge and what needs you", async () => {
  await using world = new World();
  expect(await world.ok("summary")).toBe("Nothing happened.\n");
  await world.dispatch("scripted: edit a.txt a\nscripted: finish wrote a", "--worktree", "--name", "good");
  await world.dispatch("scripted: error out of luck", "--name", "bad");
  await world.dispatch(DONE, "--name", "later", "--after", "bad");
  await world.settled("good");
  await world.settled("bad");
  const text = await world.ok("summary");
  expect(text).toStartWith("3 tasks: 1 completed, 1 failed, 1 blocked.");
  expect(text).toMatch(/Done\n {2}good .*wrote a\n/);
  expect(text).toMatch(/Failed\n {2}bad .*out of luck\n/);
  expect(text).toContain(
    "\nTo mend\n  bad: the agent failed: out of luck; so these do not start: later\n    dispatch retry bad\n",
  );
  expect(text).toContain("To merge\n  dispatch merge good\n");
});

test("a sweep that waits for a person says so", async () => {
  await using world = new World();
  await world.ok("run", "--task", "scripted: ask Which?", "--task", DONE, "--name", "pair");
  const waited = await world.run("wait", "pair");
  expect(waited.code).toBe(4);
  expect(waited.stdout).toContain("Which?");
  expect(await world.ok("status", "pair")).toContain("Needs you");
});

test("what failed of a sweep is mended by one command, which the summary names with the reason", async () => {
  const agent = AGENT.join(" ");
  await using world = new World({
    settings: [
      "default: foreign",
      "backends:",
      `  foreign: {command: ${JSON.stringify(`env SCRIPTED_START=login ${agent}`)}, protocol: acp}`,
      `  own: {command: ${JSON.stringify(agent)}, protocol: acp}`,
      "models: {foreign: {backend: foreign}, own: {backend: own}}\n",
    ].join("\n"),
  });
  world.write(
    "tasks.json",
    JSON.stringify({ name: "fan", tasks: ["a", "b"].map((name) => ({ name, prompt: DONE })) }),
  );
  await world.run("run", "-f", "tasks.json", "--wait");
  const alone = await world.dispatch(DONE, "--name", "alone");
  await world.settled(alone);
  const sweep = await world.ok("summary", "fan");
  expect(sweep).toMatch(/\nTo mend\n {2}a, b: it could not start: .+\n {4}dispatch retry fan --model own\n$/);
  expect(await world.ok("status", "fan")).toContain("    dispatch retry fan --model own\n");
  expect(await world.ok("summary")).toMatch(
    / {2}\S+, \S+, \S+: it could not start.+\n {4}dispatch retry \S+ \S+ \S+ --model own\n$/,
  );
  expect(await world.run("retry", "fan", "--skip", "1")).toMatchObject({ code: 2 });
  const none = await world.run("retry", "fan", "--model", "nonesuch");
  expect([none.code, none.stdout.split("\n").length]).toEqual([1, 3]);
  expect(none.stdout).toStartWith("a: not retried, ");
  expect(await world.ok("retry", "fan", "alone", "a", "--model", "own")).toBe(
    ["a", "b", "alone"].map((slug) => `Attempt 2 of ${slug} using own.\n`).join(""),
  );
  expect(await world.run("wait", "fan")).toMatchObject({ code: 0 });
  expect(await world.ok("retry", "fan")).toBe("Nothing has failed.\n");
});

test("a sweep is watched until nothing of it goes on by itself, and nothing else is shown", async () => {
  await using world = new World();
  await world.dispatch("scripted: silence", "--name", "other");
  const tasks = [
    { name: "first", prompt: `scripted: ask Which?\n${DONE}` },
    { name: "bad", prompt: "scripted: error out of luck" },
    { name: "blocked", prompt: DONE, after: "bad" },
  ];
  world.write("tasks.json", JSON.stringify({ name: "some", tasks }));
  await world.ok("run", "-f", "tasks.json");
  const watching = world.start("watch", "some");
  await world.until("first", ({ questions }) => questions.length > 0);
  await world.ok("answer", "first", "this");
  expect(await watching.exited).toBe(1);
  const lines = (await new Response(watching.stdout).text()).split("\n");
  for (const slug of ["first", "bad", "blocked"])
    expect(lines.some((line) => line.startsWith(slug))).toBe(true);
  expect(lines.filter((line) => line.startsWith("other"))).toEqual([]);
  expect(lines).toContain("first  completed");
});

test("where a sweep is named and one task is meant, it is said", async () => {
  await using world = new World();
  const edit = "scripted: edit a.txt a\nscripted: finish done";
  await world.ok("run", "--task", DONE, "--task", edit, "--worktree", "--name", "pair");
  await world.run("wait", "pair");
  for (const command of ["logs", "diff", "result", "attempts", "note"])
    expect(await world.run(command, "pair", ...(command === "note" ? ["text"] : []))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('dispatch: error: "pair" is a sweep: name one of its tasks\n'),
    });
  expect((await world.run("logs", "pair")).stderr).toEndWith(
    "  finish-done\n  edit-txt\ndispatch: hint: dispatch status pair\n",
  );
  expect(await world.run("compare", "edit-txt")).toMatchObject({
    code: 3,
    stderr: 'dispatch: error: "edit-txt" is a task, and no sweep\ndispatch: hint: dispatch status pair\n',
  });
  expect((await world.run("resume", "pair")).stderr).toContain("dispatch retry pair");
  expect(await world.run("clean", "pair", "--force")).toMatchObject({ code: 2 });
  const cleaned = await world.ok("clean", "pair");
  expect(cleaned).toMatch(
    /^finish-done: removed \/.+\nfinish-done: removed branch .+\n.+\nedit-txt: stays, /,
  );
  expect(await world.ok("merge", "pair", "--wait")).toMatch(/^edit-txt into main: merged, \w+\n$/);
});

import { expect, test } from "bun:test";
import { World } from "./world.ts";

test("a task that has used up its budget stops its agent and asks for more", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: usage 100 0.4\nscripted: usage 200 1.2\nscripted: silence",
    "--budget",
    "$1",
  );
  const { task, questions } = await world.settled(slug);
  expect(task.status.state).toBe("input-required");
  expect(task.spent).toEqual({ dollars: 1.2, tokens: 0 });
  expect(questions).toMatchObject([
    {
      via: "budget",
      text: "It has used $1.20 of $1.00. How much more?",
      options: ["+50%", "no limit", "stop"],
    },
  ]);
  await world.ended(world.processes("scripted/agent"));
  expect(await world.ok("status", slug)).toContain("used $1.20 of $1.00");
  expect(await world.ok("tasks")).toContain("$1.20 of $1.00");
  expect(await world.ok("inbox")).toContain("How much more?");
  expect(await world.run("answer", slug, "plenty")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("answer with $2, 100ktok, 30m, +50%, no limit or stop"),
  });
  await world.ok("answer", slug, "$1");
  const ended = await world.settled(slug);
  expect(ended.task.status.state).toBe("completed");
  expect(ended.task.budget).toEqual({ dollars: 2.2 });
  expect((await world.told(slug))[1]).toStartWith("You were interrupted");
});

test("a budget that was answered while the daemon was dead is the next daemon's", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: usage 1 9\nscripted: wait-file go\nscripted: finish done",
    "--budget",
    "$1",
  );
  await world.settled(slug);
  await world.killDaemon();
  world.write("go", "");
  await world.ok("answer", slug, "no limit");
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(task.budget).toBeNull();
  expect(attempts).toHaveLength(1);
});

test("a task that has worked as long as it may stops its agent and asks, and its waits count nothing", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: silence", "--budget", "$9 1s");
  const { task, questions } = await world.settled(slug);
  expect(task.status.state).toBe("input-required");
  expect(questions).toMatchObject([
    { via: "budget", text: expect.stringContaining("s of 1s. How much more?") },
  ]);
  expect(await world.ok("status", slug)).toMatch(/used \$0.00 of \$9.00, \ds of 1s of work/);
  await world.killDaemon();
  await world.ok("answer", slug, "+1h");
  const ended = await world.settled(slug);
  expect(ended.task.status.state).toBe("completed");
  expect(ended.task.budget).toMatchObject({ dollars: 9 });
  const { startedAt, waitedMs } = ended.attempts[0]!;
  const asked = questions[0]!.askedAt - startedAt;
  expect(ended.task.budget!.timeMs! - 3_600_000).toBeWithin(1_000, asked + 50);
  expect(waitedMs).toBeGreaterThan(0);
});

test("a retry goes on with the time that is left, or with what it is given from here on", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: silence", "--budget", "1s");
  await world.settled(slug);
  await world.ok("answer", slug, "stop");
  expect((await world.settled(slug)).task.status).toMatchObject({
    reason: "budget",
    message: expect.stringContaining("s of 1s"),
  });
  await world.ok("retry", slug);
  expect((await world.settled(slug)).questions.at(-1)).toMatchObject({ via: "budget", attempt: 2 });
  await world.ok("answer", slug, "stop");
  await world.settled(slug);
  await world.ok("retry", slug, "--budget", "1h");
  expect((await world.task(slug)).task.budget!.timeMs).toBeWithin(3_601_000, 3_660_000);
});

test("stop ends it for its budget, and a retry may be given more", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(
    ["one"],
    "scripted: spend 900 200\nscripted: tick 1\nscripted: mark 1 open\nscripted: stop end_turn\nscripted: tick 1",
    "--budget",
    "1ktok",
  );
  const { task, questions } = await world.settled(slug);
  expect(questions).toMatchObject([{ text: "It has used 1.1k tokens of 1k tokens. How much more?" }]);
  expect(task.spent.tokens).toBe(1_100);
  await world.ok("answer", slug, "stop");
  expect((await world.settled(slug)).task.status).toMatchObject({
    state: "failed",
    reason: "budget",
    message: "it has used 1.1k tokens of 1k tokens",
  });
  await world.ok("retry", slug, "--budget", "5ktok");
  expect((await world.settled(slug)).task.budget).toEqual({ tokens: 6_100 });
});

test("the config has the budget of tasks that name none, a workspace's before all tasks'", async () => {
  await using world = new World({ also: "limits:\n  budget: 9ktok\n" });
  const one = await world.dispatch("scripted: finish done");
  expect((await world.task(one)).task.budget).toEqual({ tokens: 9_000 });
  await world.ok("config", "set", `workspaces."${world.repo}".budget`, "$3");
  const other = await world.dispatch("scripted: finish done");
  expect((await world.task(other)).task.budget).toEqual({ dollars: 3 });
  expect(await world.run("run", "x", "--budget", "30")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("write it as $5, 200ktok, 2h or several of them"),
  });
});

test("money is said to limit nothing where the agent reports no cost", async () => {
  await using world = new World();
  const { stderr, code } = await world.run("run", "true", "--agent", "shell", "--budget", "$5");
  expect(code).toBe(0);
  expect(stderr).toContain(unlimited("$5 limits"));
});

test("so it is for several tasks, once for each agent, whoever has the budget", async () => {
  await using world = new World();
  const { stderr: several } = await world.run(
    "run",
    "--task",
    "a",
    "--task",
    "b",
    "--agent",
    "shell",
    "--budget",
    "$5",
  );
  expect(told(several)).toEqual([unlimited("$5 limits")]);
  const shell = { prompt: "true", agent: "shell" };
  const shared = { budget: "$2", tasks: [shell, shell, { prompt: "scripted: finish done" }] };
  expect(told(await handedOver(world, shared))).toEqual([unlimited("$2 limits")]);
  const own = { tasks: [{ ...shell, budget: "$1" }, { ...shell, budget: "$2 9ktok" }, shell] };
  expect(told(await handedOver(world, own))).toEqual([unlimited("money limits")]);
  expect(told(await handedOver(world, { budget: "9ktok", tasks: [shell] }))).toEqual([]);
});

test("a retry with an agent that reports no cost says so too", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: stop refusal", "--budget", "$1");
  await world.settled(slug);
  const { stderr, code } = await world.run("retry", slug, "--model", "shell");
  expect([code, told(stderr)]).toEqual([0, [unlimited("$1 limits")]]);
});

async function handedOver(world: World, sweep: object): Promise<string> {
  const { stderr, code } = await world.runWith(JSON.stringify(sweep), "run", "-f", "-");
  expect(code).toBe(0);
  return stderr;
}

function unlimited(what: string): string {
  return `shell reports no cost, so that ${what} nothing of its work: give tokens, such as 500ktok`;
}

/** What a command said of costs. */
function told(stderr: string): string[] {
  return stderr.split("\n").flatMap((line) => /\w+ reports no cost.*/.exec(line)?.[0] ?? []);
}

import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CURSOR } from "./fake-products.ts";
import { killIfThere, World, type WorldOptions } from "./world.ts";

const BUN = [process.execPath, "--no-env-file", "--config=/dev/null"];
const ONE_SHOT = join(import.meta.dir, "..", "..", "src", "agents", "scripted", "one-shot.ts");
const TASK = ".dispatch/tasks/*";

function worldOf(backends: object, more: Partial<WorldOptions> = {}): World {
  return new World({ settings: `default: mine\nbackends: ${JSON.stringify(backends)}\n`, ...more });
}

/** Puts a program of this shell script on the world's PATH. */
function install(world: World, name: string, script: string): string {
  const bin = join(world.root, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  world.environment["PATH"] = `${bin}:${process.env["PATH"]}`;
  return join(bin, name);
}

function installCursor(world: World): void {
  install(world, "cursor-agent", CURSOR);
}

describe("any command of the config", () => {
  test("works by the files of its task folder; its text is what it said", async () => {
    await using world = worldOf({ mine: "my-agent --quick" });
    const seen = `[ "$1" = --quick ] && sed -i 's/\\[ \\] make it/[x] make it/' ${TASK}/plan.md`;
    install(
      world,
      "my-agent",
      `${seen}; echo made > made.txt; echo "I made it."; cd ${TASK} && echo ready > output.md`,
    );
    const slug = await world.dispatchPlan(["- [ ] make it"], "do it");
    const { task } = await world.settled(slug);
    expect(task.status).toMatchObject({ state: "completed", result: { summary: "ready" } });
    expect(task.plan.items.map(({ mark }) => mark)).toEqual(["done"]);
    expect(world.read("made.txt")).toBe("made\n");
    expect(await world.said(slug)).toBe("I made it.\n");
    expect(
      (await world.json<{ sessions: { kind: string }[] }>("sessions", "--state", "all")).sessions[0]?.kind,
    ).toBe("exec");
  });

  test("is not started where a rule restricts it, and is where rules only allow", async () => {
    await using world = worldOf({ mine: "my-agent" });
    install(world, "my-agent", "echo done");
    await world.ok("rules", "add", "allow", "npm test");
    const free = await world.settled(await world.dispatch("do it", "--name", "free"));
    expect(free.task.status.state).toBe("completed");
    await world.ok("rules", "add", "deny", "git push *");
    const { task } = await world.settled(await world.dispatch("do it", "--name", "held"));
    expect(task.status).toMatchObject({
      state: "failed",
      message: expect.stringContaining("whose calls no rule reaches"),
      hint: "dispatch rules",
    });
  });

  test("asks by a file, and finds its answer there", async () => {
    await using world = worldOf({ mine: [...BUN, ONE_SHOT].join(" ") });
    const ipc = ".dispatch/tasks/colour/ipc";
    const steps = [
      `run echo 'Which colour?' > ${ipc}/q; mv ${ipc}/q ${ipc}/001.question`,
      `wait-file ${ipc}/001.answer`,
      `run cp ${ipc}/001.answer colour.txt`,
    ];
    await world.dispatch(steps.map((step) => `scripted: ${step}`).join("\n"), "--name", "colour");
    const { questions } = await world.settled("colour");
    expect(questions).toMatchObject([{ text: "Which colour?", via: "file" }]);
    await world.ok("answer", "colour", "blue");
    expect((await world.settled("colour")).task.status.state).toBe("completed");
    expect(world.read("colour.txt")).toContain("blue");
  });

  test("is told its whole task again when it is reminded of what is open", async () => {
    await using world = worldOf({ mine: { command: "my-agent", input: "stdin" } });
    const tick = `sed -i 's/\\[ \\] make it/[x] make it/' ${TASK}/plan.md`;
    install(world, "my-agent", `cat > told-$(ls told-* 2>/dev/null | wc -l); [ -e told-1 ] && ${tick}; true`);
    const slug = await world.dispatchPlan(["- [ ] make it"], "build the tower");
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    expect(world.read("told-0")).toContain("build the tower");
    expect(world.read("told-1")).toStartWith(world.read("told-0"));
    expect(world.read("told-1")).toContain("still open");
  });

  test("goes on from its task's text when its host is killed in a run", async () => {
    await using world = worldOf({ mine: "my-agent" });
    const first = `touch begun; echo $$ > pid; mv pid pid.txt; setsid sleep 300 & wait`;
    install(world, "my-agent", `if [ -e begun ]; then printf "%s" "$1" > again; else ${first}; fi`);
    const slug = await world.dispatch("build the tower");
    await world.appears("pid.txt");
    const before = new Set([...world.processes("sleep 300"), Number(world.read("pid.txt"))]);
    killIfThere(world.processes("host ses_")[0]!);
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    expect(world.read("again")).toContain("build the tower");
    expect(world.read("again")).toContain("You were interrupted");
    expect(world.processes("sleep 300").filter((pid) => before.has(pid))).toEqual([]);
  });

  test("that fails, or takes too long, fails its task and leaves nothing", async () => {
    await using world = worldOf({ mine: "my-agent", slow: "slow-agent" });
    install(world, "my-agent", "echo it is broken >&2; exit 4");
    install(world, "slow-agent", "setsid sleep 300 & trap '' TERM; wait; wait");
    const slug = await world.dispatch("do it");
    expect((await world.settled(slug)).task.status).toMatchObject({
      state: "failed",
      reason: "agent-error",
      message: "it is broken",
    });
    const slow = await world.dispatch("do it", "--agent", "slow", "--timeout", "1s");
    expect((await world.settled(slow)).task.status).toMatchObject({ state: "failed", reason: "timeout" });
    expect(world.processes("sleep 300")).toEqual([]);
  });

  test("gets the listed variables of its caller, and no others", async () => {
    await using world = worldOf({ mine: { command: "my-agent", variables: ["MY_*"] } });
    Object.assign(world.environment, { MY_KEY: "mine", ANTHROPIC_API_KEY: "secret" });
    install(world, "my-agent", 'echo "$MY_KEY $ANTHROPIC_API_KEY."');
    const slug = await world.dispatch("do it");
    await world.settled(slug);
    expect(await world.said(slug)).toBe("mine .\n");
  });

  test.each(["ask", "edits", "read-only"])("is refused under %s, before anything is made", async (preset) => {
    await using world = worldOf({ mine: "my-agent" });
    install(world, "my-agent", "touch ran");
    const { code, stderr } = await world.run("run", "do it", "--permissions", preset);
    expect(code).toBe(5);
    expect(stderr).toContain("--permissions all");
    expect((await world.json<{ tasks: [] }>("tasks")).tasks).toEqual([]);
    expect(existsSync(join(world.repo, "ran"))).toBeFalse();
  });

  test("is listed, with what it cannot", async () => {
    await using world = worldOf({ mine: "my-agent --quick", gone: "no-such-program" });
    const path = install(world, "my-agent", "true");
    const { agents } = await world.json<{ agents: { agent: string }[] }>("agents");
    const find = (agent: string) => agents.find((each) => each.agent === agent);
    expect(find("mine")).toMatchObject({
      installed: true,
      path,
      protocol: "exec",
      presets: ["all"],
      resume: false,
      model: false,
    });
    expect(find("gone")).toMatchObject({
      installed: false,
      problem: expect.stringContaining("no-such-program"),
    });
    expect(await world.ok("agents", "mine")).toContain("a run for each turn");
  });
});

describe("Cursor", () => {
  test("over ACP takes the user's login, asks, and is told a model", async () => {
    await using world = new World({ settings: "default: cursor\n" });
    installCursor(world);
    const steps = "scripted: model\nscripted: edit a.txt hello\nscripted: finish done";
    const slug = await world.dispatch(
      steps,
      "--permissions",
      "ask",
      "--agent",
      "cursor",
      "--model",
      "scripted-small",
    );
    const { approvals } = await world.settled(slug);
    expect(approvals).toMatchObject([{ call: { kind: "edit" }, status: { state: "open" } }]);
    await world.ok("approve", slug);
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    expect(world.read("a.txt")).toBe("hello\n");
    expect(await world.said(slug)).toContain("model scripted-small");
  });

  test("as `agent -p` works in its own chat, turn by turn, and is told all that it may", async () => {
    const settings = "default: cursor\nbackends: {cursor: {command: cursor-agent -p}}\n";
    await using world = new World({ settings });
    installCursor(world);
    const steps = "scripted: recall\nscripted: model\nscripted: edit a.txt hello";
    const slug = await world.dispatchPlan(
      ["- [ ] make it"],
      steps,
      "--agent",
      "cursor",
      "--model",
      "gpt-5.4",
    );
    const { task } = await world.settled(slug);
    expect(task.status).toMatchObject({ state: "failed", reason: "incomplete" }); // it ticks nothing
    expect(await world.said(slug)).toBe("turns 1model gpt-5.4");
    expect(await world.told(slug)).toHaveLength(3);
    const { code, stderr } = await world.run("run", "do it", "--permissions", "ask");
    expect(code).toBe(5);
    expect(stderr).toContain("cursor-agent alone speaks ACP");
  });

  test("is found under either of its names, with its version and login", async () => {
    await using world = new World({ settings: "default: cursor\n" });
    installCursor(world);
    const text = await world.ok("agents", "cursor");
    expect(text).toContain("2026.10.01-e373342");
    expect(text).toContain("logged in");
    expect(text).toContain("your settings of Cursor");
  });
});

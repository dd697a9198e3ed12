import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Finished, killIfThere, World } from "../e2e/world.ts";
import { Chance } from "./chance.ts";

setDefaultTimeout(400_000);

const ROUNDS = Number(process.env["CHAOS_ROUNDS"] ?? 48);
/** From the start of a command to well after its answer: the daemon is killed at some moment of it, in milliseconds. */
const COMMAND_MS = 160;

const chance = new Chance("commands");

/** A command under which the daemon dies. `name` is new in each round. */
type Round = (world: World, name: string) => Promise<void>;

/** Runs a command and kills the daemon meanwhile, at a moment that chance picks. */
async function struck(world: World, ...words: string[]): Promise<Finished> {
  const daemon = await world.daemonPid();
  const running = world.run(...words);
  await Bun.sleep(chance.upTo(COMMAND_MS)); // waits for nothing: it is the moment that is random
  killIfThere(daemon);
  const finished = await running;
  if (finished.code !== 0) throw new Error(`dispatch ${words.join(" ")}: ${finished.stderr}`);
  return finished;
}

async function ends(world: World, name: string, state: string): Promise<void> {
  expect([name, (await world.settled(name)).task.status.state]).toEqual([name, state]);
}

const ROUND: Record<string, Round> = {
  async burst(world, name) {
    const names = [1, 2, 3].map((at) => `${name}-${at}`);
    const run = (each: string) => [
      "run",
      "scripted: finish done",
      "--name",
      each,
      "--idempotency-key",
      each,
      "--json",
    ];
    const [first] = await Promise.all([
      struck(world, ...run(names[0]!)),
      ...names.slice(1).map((each) => world.run(...run(each))),
    ]);
    expect(await world.ok(...run(names[0]!))).toBe(first.stdout);
    for (const each of names) await ends(world, each, "completed");
    expect((await world.run("status", `${names[0]}-2`)).code).toBe(3);
  },
  async worktree(world, name) {
    await struck(world, "run", "scripted: edit a.txt a\nscripted: finish done", "--worktree", "--name", name);
    await ends(world, name, "completed");
    const { task } = await world.task(name);
    expect(task.worktree).toMatchObject({ branch: `dispatch/${name}`, state: "present" });
    expect(existsSync(join(task.runFolder!, "a.txt"))).toBe(true);
  },
  async merge(world, name) {
    await world.dispatch(
      `scripted: edit ${name} merged\nscripted: finish done`,
      "--worktree",
      "--name",
      name,
    );
    await ends(world, name, "completed");
    await struck(world, "merge", name);
    expect(world.read(name)).toBe("merged\n");
    expect(world.git("status", "--porcelain")).toBe("");
    expect(await world.ok("merge", name)).toContain("merged already");
  },
  async clean(world, name) {
    await world.dispatch(
      `scripted: edit ${name} merged\nscripted: finish done`,
      "--worktree",
      "--name",
      name,
    );
    await ends(world, name, "completed");
    await world.ok("merge", name);
    const { path } = (await world.task(name)).task.worktree!;
    await struck(world, "clean", name);
    expect(existsSync(path)).toBe(false);
    expect(world.git("branch", "--list", `dispatch/${name}`)).toBe("");
    expect((await world.task(name)).task.worktree).toMatchObject({ state: "removed" });
    expect(readdirSync(join(world.repo, ".dispatch/tasks", name))).toContain("plan.md");
  },
  async cancel(world, name) {
    await world.dispatch("scripted: setsid exec sleep 4242\nscripted: silence", "--name", name);
    await world.until(name, ({ task }) => task.status.state === "working");
    await struck(world, "cancel", name);
    await ends(world, name, "canceled");
    expect(world.processes("sleep 4242")).toEqual([]);
  },
  async retry(world, name) {
    await world.dispatch("scripted: error not today", "--name", name);
    await ends(world, name, "failed");
    await struck(world, "retry", name);
    await ends(world, name, "failed");
    expect((await world.task(name)).attempts).toHaveLength(2);
  },
  async answer(world, name) {
    await world.dispatch("scripted: ask Which?\nscripted: finish done", "--name", name);
    await world.settled(name);
    await struck(world, "answer", name, `the ${name}`);
    await ends(world, name, "completed");
    expect(await world.said(name)).toBe(`ask: the ${name}`);
  },
  async approve(world, name) {
    const script = `scripted: run echo ran >> .git/${name}\nscripted: finish done`;
    await world.dispatch(script, "--permissions", "ask", "--name", name);
    await world.settled(name);
    await struck(world, "approve", name);
    await ends(world, name, "completed");
    expect(world.read(`.git/${name}`)).toBe("ran\n");
  },
};

test("a command that was answered is carried out, once, wherever the daemon dies under it", async () => {
  await using world = new World();
  await world.ok("tasks");
  const kinds = Object.keys(ROUND);
  for (let round = 0; round < ROUNDS; round++) {
    const kind = kinds[round % kinds.length]!;
    await ROUND[kind]!(world, `${kind}-${round}`);
  }
  await world.ended(world.processes(" host "));
  expect(world.processes()).toEqual([await world.daemonPid()]);
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
  expect(world.git("status", "--porcelain")).toBe("");
});

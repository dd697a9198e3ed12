import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AGENT, killIfThere, World, type WorldOptions } from "../e2e/world.ts";

setDefaultTimeout(240_000);

/** What a command of an agent leaves behind, in no process group of ours. */
const ORPHAN = "sleep 98765.25";

/** A world whose agents write down, as they start, which orphans of their forerunners are alive. */
function watchedWorld(options: WorldOptions = {}): World {
  const world = new World(options);
  const check = join(world.root, "start.sh");
  const log = join(world.root, "starts");
  writeFileSync(check, `pgrep -fcx '${ORPHAN}' >> ${log}\ntouch "start-$(wc -l < ${log})"\nexec "$@"\n`);
  world.agent("sh", check, ...(options.agentVariables ? ["env", options.agentVariables] : []), ...AGENT);
  return world;
}

/** How many orphans each agent found alive when it started. */
function starts(world: World): string[] {
  return readFileSync(join(world.root, "starts"), "utf8").trim().split("\n");
}

function killHosts(world: World): void {
  for (const pid of world.processes(" host ses_")) killIfThere(pid);
}

function orphans(): string {
  return Bun.spawnSync(["pgrep", "-fcx", ORPHAN]).stdout.toString().trim();
}

test("an agent whose host was killed goes on in its conversation, when nothing of its first life is left", async () => {
  await using world = watchedWorld();
  // The first turn ends, and what follows is played in the second: of that one nobody knows how far it came.
  const slug = await world.dispatchPlan(
    ["work"],
    [
      "scripted: run echo ran >> count",
      "scripted: stop end_turn",
      `scripted: setsid exec ${ORPHAN}`,
      `scripted: run until pgrep -fx '${ORPHAN}'; do :; done`,
      "scripted: run touch ready",
      "scripted: wait-file go",
      "scripted: recall",
      "scripted: tick 1",
      "scripted: finish done",
    ].join("\n"),
  );
  await world.appears("ready");
  killHosts(world);
  await world.until(slug, (detail) => detail.attempts[0]!.resumes === 1);
  world.write("go", "");
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(attempts).toMatchObject([{ number: 1, resumes: 1 }]);
  expect(await world.said(slug)).toEndWith("turns 3");
  expect(world.read("count")).toBe("ran\n");
  expect(starts(world)).toEqual(["0", "0"]);
  expect(orphans()).toBe("0");
});

test("an agent that cannot go on in its conversation is lost, and not started over", async () => {
  await using world = watchedWorld({ agentVariables: "SCRIPTED_START=no-resume" });
  const slug = await world.dispatch(
    `scripted: run echo ran >> count\nscripted: setsid exec ${ORPHAN}\nscripted: wait-file go`,
  );
  await world.appears("count");
  killHosts(world);
  expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", reason: "lost" });
  expect(world.read("count")).toBe("ran\n");
  expect(orphans()).toBe("0");
});

test("a command of the shell agent is lost with its host, and not run twice", async () => {
  await using world = new World();
  const first = `echo ran >> count; setsid ${ORPHAN} & test -e go || { mkfifo gate; cat gate; }`;
  await world.dispatchPlan([first, "echo second >> count"], "run them", "--agent", "shell", "--name", "two");
  await world.appears("count");
  killHosts(world);
  expect((await world.settled("two")).task.status).toMatchObject({
    state: "failed",
    reason: "lost",
    hint: "dispatch retry two",
  });
  expect(world.read("count")).toBe("ran\n");
  expect(orphans()).toBe("0");
  world.write("go", "");
  await world.ok("retry", "two");
  expect((await world.settled("two")).task.status.state).toBe("completed");
  expect(world.read("count")).toBe("ran\nran\nsecond\n");
});

test("a host and the daemon that die together are both replaced by the next command", async () => {
  await using world = watchedWorld();
  const slug = await world.dispatch(
    `scripted: run touch ready\nscripted: setsid exec ${ORPHAN}\nscripted: wait-file go\nscripted: finish done`,
  );
  await world.appears("ready");
  await world.killDaemon();
  killHosts(world);
  await world.ok("tasks");
  world.write("go", "");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(starts(world)).toEqual(["0", "0"]);
  expect(orphans()).toBe("0");
});

test("an agent that dies again and again is brought back three times, then its task fails", async () => {
  await using world = watchedWorld();
  const slug = await world.dispatch("scripted: run touch ready\nscripted: wait-file go");
  for (let life = 1; life <= 4; life++) {
    await world.appears(`start-${life}`);
    await world.until(slug, (detail) => detail.attempts[0]!.resumes === life - 1);
    if (life === 1) await world.appears("ready");
    killHosts(world);
  }
  expect((await world.settled(slug)).task.status).toMatchObject({ state: "failed", reason: "lost" });
  expect(starts(world)).toHaveLength(4);
});

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { World } from "../e2e/world.ts";
import { Chance } from "./chance.ts";
import { countsOf, killing, openMerges, settledMerges } from "./merges.ts";

setDefaultTimeout(280_000);

/** Of the tasks that change one file, the first to land wins and the others conflict. */
const SHARED = 6;
const RED = 2;
const APART = 12;
const KILLS = 8;
/** Tasks that write the same place, and keep what they find there when they get it back. */
const SETTLING = ["one", "two", "three"];
const GATE = "sh gate.sh";
/** Both the gate's own words and a file that no good commit has. */
const GATE_SCRIPT = 'echo "looking at $(ls)"\n! ls | grep -q "^red-"\n';

for (const seed of ["one order", "another order"])
  test(`a merge queue whose daemon is killed leaves every commit green and loses no work: ${seed}`, async () => {
    await using world = new World({ also: `workspaces:\n  repo:\n    gate: [${GATE}]\n` });
    const chance = new Chance(seed);
    world.write("gate.sh", GATE_SCRIPT);
    world.write("shared.txt", "nobody's\n");
    world.git("add", ".");
    world.git("commit", "-qm", "gate");
    const start = world.git("rev-parse", "main").trim();
    const names = await workers(world, chance);

    await world.ok("merge", ...names, "--queue", "--no-handback");
    await killing(world, { kills: KILLS, chance, events: 10, open: openMerges });
    const merges = await settledMerges(world);

    expect(countsOf(merges)).toEqual({ merged: APART + 1, conflict: SHARED - 1, "gate-failed": RED });
    const commits = world.git("rev-list", `${start}..main`).trim().split("\n");
    expect(commits).toHaveLength(APART + 1);
    for (const commit of commits) expect([commit, isGreen(world, commit)]).toEqual([commit, true]);
    for (const { slug, status } of merges) {
      const branch = status.state === "merged" && fileOf(slug) !== "shared.txt" ? "main" : `dispatch/${slug}`;
      expect(world.git("show", `${branch}:${fileOf(slug)}`)).toBe(`${slug}\n`);
    }
    expect(world.git("status", "--porcelain")).toBe("");
    expect(world.git("worktree", "list").trim().split("\n")).toHaveLength(1 + names.length);
    expect(readdirSync(join(world.home, "worktrees", "merges"))).toEqual([]);
    expect(world.processes(GATE)).toEqual([]);
  });

test("what workers get back and settle is merged, however often the daemon is killed", async () => {
  await using world = new World({
    also: `workspaces:\n  repo:\n    gate: ["! grep -q '<<<<' shared.txt"]\n`,
  });
  const chance = new Chance("handed back");
  world.write("shared.txt", "nobody's\n");
  world.git("add", ".");
  world.git("commit", "-qm", "shared");
  const settle = "run git merge -q main; sed -i '/^[<=>]\\{7\\}/d' shared.txt; git commit -qam settled";
  const again = ["stop end_turn", settle, "finish settled"];
  for (const name of SETTLING) {
    const steps = [`edit shared.txt ${name}`, "finish done", ...again, ...again];
    await world.dispatch(steps.map((step) => `scripted: ${step}`).join("\n"), "--worktree", "--name", name);
    expect((await world.settled(name)).task.status).toMatchObject({ state: "completed" });
  }
  await world.ok("merge", ...SETTLING, "--queue");
  await killing(world, { kills: KILLS, chance, events: 10, open: openMerges });
  expect(countsOf(await settledMerges(world))).toEqual({ merged: SETTLING.length });
  expect(world.read("shared.txt").trim().split("\n").sort()).toEqual([...SETTLING].sort());
  expect(world.git("rev-list", "--count", "--merges", "main").trim()).toBe("0");
});

/** Completed tasks in a random order; the name of each says which file it has written. */
async function workers(world: World, chance: Chance): Promise<string[]> {
  const kinds = [...repeat("shared", SHARED), ...repeat("red", RED), ...repeat("apart", APART)];
  const names = kinds.map((kind, at) => `${kind}-${at}`);
  await Promise.all(
    names.map((name) =>
      world.dispatch(
        `scripted: edit ${fileOf(name)} ${name}\nscripted: finish done`,
        "--worktree",
        "--name",
        name,
      ),
    ),
  );
  // Not by `wait`, which returns at the flag that some of them change the same file.
  for (const name of names) await world.until(name, ({ task }) => task.status.state === "completed");
  return names
    .map((name) => ({ name, at: chance.upTo(1_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ name }) => name);
}

function repeat(kind: string, count: number): string[] {
  return Array.from({ length: count }, () => kind);
}

function fileOf(name: string): string {
  return name.startsWith("shared-") ? "shared.txt" : `${name}.txt`;
}

/** Runs the gate on a commit's own files. */
function isGreen(world: World, commit: string): boolean {
  const folder = join(world.root, "look", commit);
  mkdirSync(folder, { recursive: true });
  const unpack = `git archive ${commit} | tar -x -C ${folder} && cd ${folder} && ${GATE}`;
  const run = Bun.spawnSync(["sh", "-c", unpack], { cwd: world.repo, env: world.environment });
  return run.exitCode === 0 && existsSync(join(folder, "gate.sh"));
}

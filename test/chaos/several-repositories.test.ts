import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Repository } from "../e2e/repository.ts";
import { World } from "../e2e/world.ts";
import { Chance } from "./chance.ts";
import { countsOf, killing, openMerges, openTasks, settledMerges } from "./merges.ts";

setDefaultTimeout(280_000);

/** Tasks that change a file of their own in both repositories; of those that also change one line of the second, one lands. */
const APART = ["one", "two", "three"];
const SHARED = ["red", "green", "blue"];
const KILLS = 6;

test("tasks in two repositories land in both or in neither, and leave nothing, however often the daemon is killed", async () => {
  const gate = JSON.stringify({ setup: ["true"], gate: ["test -e readme.txt"] });
  await using world = new World({ also: `workspaces:\n  repo: ${gate}\n  client: ${gate}\n` });
  const client = new Repository(world, "client");
  const chance = new Chance("two repositories");
  const names = [...APART, ...SHARED];
  for (const name of names) await handOver(world, name);
  await killing(world, { kills: KILLS, chance, events: 25, open: openTasks });
  for (const name of names) await world.until(name, ({ task }) => task.status.state === "completed");

  await world.ok("merge", ...names, "--queue", "--no-handback");
  await killing(world, { kills: KILLS, chance, events: 6, open: openMerges });
  const merges = await settledMerges(world);

  expect(countsOf(merges)).toEqual({ merged: APART.length + 1, conflict: SHARED.length - 1 });
  const landed = merges.filter(({ status }) => status.state === "merged").map(({ slug }) => slug);
  for (const repository of [world, client]) {
    const commits = repository.git("log", "--first-parent", "--format=%s", "main").trim().split("\n");
    expect(commits).toHaveLength(1 + landed.length);
    const files = repository.git("ls-tree", "--name-only", "main").trim().split("\n");
    expect(files.filter((file) => names.includes(file)).sort()).toEqual(landed.toSorted());
    expect(repository.git("status", "--porcelain")).toBe("");
  }
  for (const name of names) {
    expect(client.git("show", `${landed.includes(name) ? "main" : `dispatch/${name}`}:${name}`)).toBe(
      `${name}\n`,
    );
    await world.ok("clean", name, "--force");
  }
  expect(readdirSync(join(world.home, "worktrees", "merges"))).toEqual([]);
  for (const repository of [world, client]) {
    expect(repository.git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(
      repository.git("for-each-ref", "refs/dispatch/base", "refs/dispatch/making", "refs/dispatch/merging"),
    ).toBe("");
  }
});

async function handOver(world: World, name: string): Promise<void> {
  const shared = SHARED.includes(name) ? [`edit client/readme.txt ${name}`] : [];
  const steps = [`edit repo/${name} ${name}`, `edit client/${name} ${name}`, ...shared, "finish done"];
  const script = steps.map((step) => `scripted: ${step}`).join("\n");
  await world.dispatch(script, "--also", "../client", "--worktree", "--name", name);
}

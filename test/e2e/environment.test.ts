import { expect, test } from "bun:test";
import { World } from "./world.ts";

test("an agent sees its own variables and those of every run, and no others", async () => {
  await using world = new World({ also: "    variables: [MY_AGENT_*]\n" });
  const set = { MY_AGENT_KEY: "k1", LC_TIME: "C", STRIPE_SECRET: "s3cret", CLAUDECODE: "1", BUN_OPTIONS: "" };
  Object.assign(world.environment, set);
  const script = Object.keys(set).map((name) => `scripted: environment ${name}`);
  const slug = await world.dispatch(script.join("\n"));
  await world.settled(slug);
  const log = await world.ok("logs", slug);
  for (const line of ["MY_AGENT_KEY=k1", "LC_TIME=C", "STRIPE_SECRET=", "CLAUDECODE=", "BUN_OPTIONS="])
    expect(log).toContain(line);
  expect(log).not.toContain("s3cret");
  expect(log).not.toContain("CLAUDECODE=1");
});

test("a dispatch that an agent runs speaks to the daemon that started it", async () => {
  await using world = new World();
  const words = [...world.self, "status", "who-asks", "--json"].map((word) => `'${word}'`).join(" ");
  const slug = await world.dispatch(`scripted: run ${words}\nscripted: finish done`, "--name", "who-asks");
  const { task } = await world.settled(slug);
  expect(await world.ok("logs", slug)).toContain(task.id);
});

test("a task that another daemon starts is not given that daemon's own temporary folder", async () => {
  await using world = new World({ also: "limits:\n  concurrent: 1\n" });
  await world.dispatch("scripted: edit up 1\nscripted: wait-file go", "--name", "first");
  const slug = await world.dispatch("scripted: environment TMPDIR");
  await world.appears("up");
  await world.killDaemon(); // and with it what it kept of its callers
  await world.ok("tasks");
  world.write("go", "");
  await world.settled(slug);
  const log = await world.ok("logs", slug);
  expect(log).toContain("TMPDIR=");
  expect(log).not.toContain(`TMPDIR=${world.home}`);
});

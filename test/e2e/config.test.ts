import { expect, test } from "bun:test";
import { join } from "node:path";
import { World } from "./world.ts";

test("a fault in the configuration is told with its line and column, and is no end of what runs", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: wait-file go\nscripted: finish done");
  await world.until(slug, ({ task }) => task.status.state === "working");
  const path = join(world.home, "config.yaml");
  const whole = await Bun.file(path).text();
  world.config(`${whole}models:\n  opus: [\n`);
  const refused = await world.run("run", "scripted: finish done");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /^dispatch: error: [^\n]*config\.yaml:\d+:\d+: [^\n]+\ndispatch: hint: correct line \d+ of [^\n]+\n$/,
  );
  world.write("go", "");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  world.config(whole);
  expect((await world.settled(await world.dispatch("scripted: finish done"))).task.status.state).toBe(
    "completed",
  );
});

test("what was handed over starts by what the configuration said last while it has a fault, over a restart too", async () => {
  await using world = new World({ also: "limits: { concurrent: 1 }\n" });
  const [first, second, third] = [
    await world.dispatch("scripted: wait-file go\nscripted: finish done"),
    await world.dispatch("scripted: finish done"),
    await world.dispatch("scripted: wait-file on\nscripted: finish done"),
  ];
  await world.until(first, ({ task }) => task.status.state === "working");
  const whole = await Bun.file(join(world.home, "config.yaml")).text();
  world.config(`${whole}models: [\n`);
  world.write("go", "");
  expect((await world.settled(second)).task.status.state).toBe("completed");
  await world.until(third, ({ task }) => task.status.state === "working");
  await world.killDaemon();
  const last = world.start("wait", third);
  world.write("on", "");
  expect(await last.exited).toBe(0);
  const overview = await world.run();
  expect(overview).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing needs you.") });
  expect(overview.stderr).toContain("config.yaml:");
  world.config(whole);
  expect((await world.run()).stderr).toBe("");
});

test("a value that does not fit is refused in words, and the file that has no fault is not blamed", async () => {
  await using world = new World();
  const refused = await world.run("config", "set", "limits.concurrent", "0");
  expect(refused).toMatchObject({
    code: 2,
    stderr: "dispatch: error: limits.concurrent: it is less than 1\n",
  });
});

test("a text for a list is refused with the list that it would be", async () => {
  await using world = new World();
  const hints = async (text: string) => (await world.run("config", "set", "notify.on", text)).stderr;
  expect(await hints("failed")).toBe(
    `dispatch: error: notify.on: it is not a list\ndispatch: hint: dispatch config set notify.on '["failed"]'\n`,
  );
  expect(await hints("[failed, 'needs-you']")).toContain(`notify.on '["failed","needs-you"]'\n`);
  expect(await hints("it's")).toContain(String.raw`notify.on '["it'\''s"]'`);
  await world.ok("config", "set", "notify.on", '["failed"]');
});

test("a key that nothing reads is refused with what may be meant, and told by doctor where it stands in the file", async () => {
  await using world = new World();
  const before = await Bun.file(join(world.home, "config.yaml")).text();
  expect(await world.run("config", "set", "limits.concurent", "3")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^dispatch: error: limits\.concurent is no key of the configuration\n(?:.*\n)*.*limits\.concurrent\n/,
    ),
  });
  for (const [key, value] of [
    ["backends.mine", '{"comand": "x"}'],
    ["models.opus.backnd", "claude"],
    ["notify.dekstop", "true"],
    ["brokers.team", '{"url": "https://relay", "key": 1}'],
    ["defalt", "x"],
  ])
    expect(await world.run("config", "set", key!, value!)).toMatchObject({ code: 2 });
  expect(await Bun.file(join(world.home, "config.yaml")).text()).toBe(before);
  await world.ok("config", "set", "limits.concurrent", "3");
  await world.ok("config", "set", "brokers.team", '{"url": "https://relay"}');
  await world.ok("config", "set", "permissions", '{"tasks": "ask", "terminals": "ask"}');
  world.config(
    `${before}workspaces:\n  api: { permisions: all }\nmodels:\n  a.b: { later: 1 }\nsomething: later\n`,
  );
  const { stdout } = await world.run("doctor");
  expect(stdout).toContain("nothing reads workspaces.api.permisions; workspaces.api.permissions is a key");
  expect(stdout).toContain("nothing reads something");
  expect(stdout).toContain('nothing reads models."a.b".later');
});

test("a daemon starts with a configuration that is broken, and says so", async () => {
  await using world = new World();
  world.config("limits:\n  concurrent: many\n");
  const refused = await world.run("run", "scripted: finish done");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("config.yaml:2:15: limits.concurrent: ");
  expect((await world.run("tasks")).code).toBe(0);
});

test("a default that is nobody's name is told as what the configuration says, with the command that changes it", async () => {
  await using world = new World();
  await world.ok("config", "set", "default", "nobody");
  expect(await world.run("run", "do it")).toMatchObject({
    code: 3,
    stderr:
      'dispatch: error: no model or agent "nobody", which the configuration names as the default\n' +
      "dispatch: hint: dispatch models default <name>\n",
  });
});

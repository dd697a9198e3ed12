import { expect, test } from "bun:test";
import { World } from "./world.ts";

/** A title, a clear screen, a cursor, a bidi override, a C1 control: what a terminal would obey. */
const EVIL = "\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u009b1A\u202etxt.exe";
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test("no text of a prompt, a plan, an agent or a question reaches the terminal as a command", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(
    [`item ${EVIL}`],
    [
      `scripted: text said ${EVIL}`,
      `scripted: tool title${EVIL} {"a":1}`,
      `scripted: flag flagged ${EVIL}`,
      `scripted: ask asked ${EVIL}|option ${EVIL}`,
      "scripted: tick 1",
      `scripted: finish summary ${EVIL}`,
    ].join("\n"),
    "--name",
    "evil",
  );
  const outputs = [await world.run("wait", slug), await world.run("wait", slug)];
  for (const words of [["status", slug], ["inbox"], ["logs", slug], ["tasks"]])
    outputs.push(await world.run(...words));
  outputs.push(await world.run("answer", slug, EVIL), await world.run("wait", slug));
  for (const words of [
    ["result", slug],
    ["status", slug],
    ["logs", slug],
    ["status", slug, "--json"],
    ["logs", slug, "--json"],
  ])
    outputs.push(await world.run(...words));
  outputs.push(
    await world.run("status", `no${EVIL}`),
    await world.run("run", "do it", "--model", EVIL),
    await world.run(EVIL),
  );
  for (const { stdout, stderr } of outputs) expect(`${stdout}${stderr}`).not.toMatch(OBEYED);
  expect(outputs.some(({ stdout }) => stdout.includes("owned"))).toBe(true);
  expect((await world.task(slug)).prompt).toContain(EVIL);
});

test("a name may be anything that makes a slug, and is never a path", async () => {
  await using world = new World();
  for (const name of ["../../etc/passwd", "Ünïcode & spaces!", `esc${EVIL}`]) {
    const slug = await world.dispatch("scripted: finish done", "--name", name);
    expect(slug).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect((await world.settled(slug)).task.status.state).toBe("completed");
  }
  expect(await world.run("run", "do it", "--name", "x".repeat(200))).toMatchObject({ code: 2 });
});

test("a prompt is taken word for word up to its limit, and refused in one line beyond it", async () => {
  await using world = new World();
  const long = `scripted: finish done\n${"ä".repeat(400_000)}`;
  const taken = await world.runWith(long, "run", "-", "--name", "long");
  expect(taken.code).toBe(0);
  expect((await world.settled("long")).prompt).toBe(long);
  const refused = await world.runWith("x".repeat(10 * 1024 * 1024), "run", "-", "--name", "longer");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^dispatch: error: [^\n]{1,200}\ndispatch: hint: [^\n]+\n$/);
  expect(await world.run("run", "")).toMatchObject({ code: 2 });
  expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toHaveLength(1);
});

test("an id's prefix that means two tasks is told with both", async () => {
  await using world = new World();
  const slugs = [
    await world.dispatch("scripted: finish done"),
    await world.dispatch("scripted: finish done"),
  ];
  const [one, two] = await Promise.all(slugs.map((slug) => world.settled(slug)));
  const unclear = await world.run("status", "tsk_01");
  expect(unclear.code).toBe(3);
  for (const { task } of [one!, two!])
    expect(unclear.stderr).toContain(`  ${task.id} ${task.slug} in ${world.repo}\n`);
  expect((await world.run("status", one!.task.id)).code).toBe(0);
  const unknown = await world.run("status", "tsk_zzzzzz");
  expect(unknown.code).toBe(3);
  expect(unknown.stderr).toContain("dispatch: hint: dispatch tasks\n");
});

import { expect, test } from "bun:test";
import { World } from "./world.ts";

test("an item that is marked [?] becomes a question, and its answer the next turn", async () => {
  await using world = new World();
  const slug = await world.dispatchPlan(
    ["choose a colour"],
    "scripted: mark 1 blocked red or blue?\nscripted: stop end_turn\nscripted: tick 1\nscripted: finish painted",
  );
  const { task, questions } = await world.settled(slug);
  expect(task.status.state).toBe("input-required");
  expect(questions).toMatchObject([{ text: "choose a colour\nred or blue?", via: "plan" }]);
  expect(await world.ok("inbox")).toContain("red or blue?");
  expect(await world.ok("answer", slug, "blue,", "please")).toBe(`Answered ${slug}. It goes on.\n`);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect((await world.told(slug))[1]).toContain("The answer is:\n```\nblue, please\n```");
});

test("a question is answered once, and a second answer is told the first", async () => {
  await using world = new World();
  const slug = await world.dispatch(
    "scripted: ask Which?|a|b\nscripted: wait-file go\nscripted: finish done",
  );
  const { questions } = await world.settled(slug);
  const both = await Promise.all(
    ["first", "second"].map((text) => world.run("answer", slug, text, "--question", questions[0]!.id)),
  );
  expect(both.filter(({ code }) => code === 0)).toHaveLength(1);
  const told = both.find(({ code }) => code === 0)!.stdout;
  expect(told).toBe(`Answered ${slug}. It goes on.\n`);
  const status = (await world.task(slug)).questions[0]!.status;
  if (status.state !== "answered") throw new Error("it was not answered");
  expect(both.find(({ code }) => code === 1)!.stderr).toBe(
    `dispatch: error: already answered: ${status.text}\n`,
  );
  expect(await world.run("answer", slug, "third")).toMatchObject({
    code: 1,
    stderr: `dispatch: error: already answered: ${status.text}\n`,
  });
  world.write("go", "");
  await world.settled(slug);
  expect(await world.said(slug)).toBe(`ask: ${status.text}`);
});

test("an answer to nothing is told so", async () => {
  await using world = new World();
  const slug = await world.dispatch("scripted: wait-file go");
  expect(await world.run("answer", slug, "yes")).toEqual({
    code: 3,
    stdout: "",
    stderr: "dispatch: error: no question is open\ndispatch: hint: dispatch inbox\n",
  });
  expect(await world.run("answer", slug)).toMatchObject({ code: 2 });
});

test("a worker without tools asks by a file, and reads the answer from one", async () => {
  await using world = new World();
  const ipc = ".dispatch/tasks/by-file/ipc";
  const slug = await world.dispatch(
    [
      `scripted: run printf 'Which port?' > ${ipc}/.draft && mv ${ipc}/.draft ${ipc}/001.question`,
      `scripted: wait-file ${ipc}/001.answer`,
      `scripted: run cat ${ipc}/001.answer > port; touch ${ipc}/001.done`,
      "scripted: finish done",
    ].join("\n"),
    "--name",
    "by-file",
  );
  expect((await world.settled(slug)).questions).toMatchObject([{ text: "Which port?", via: "file" }]);
  await world.ok("answer", slug, "8080");
  const { task, questions } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(world.read("port")).toBe("8080\n");
  expect(questions).toHaveLength(1);
});

test("several questions of a task are answered one by one", async () => {
  await using world = new World();
  const ipc = ".dispatch/tasks/several/ipc";
  const slug = await world.dispatch(
    [
      `scripted: run echo one > ${ipc}/001.question; echo two > ${ipc}/002.question`,
      `scripted: wait-file ${ipc}/001.answer`,
      `scripted: wait-file ${ipc}/002.answer`,
      `scripted: run cat ${ipc}/*.answer > answers; touch ${ipc}/001.done ${ipc}/002.done`,
      "scripted: finish done",
    ].join("\n"),
    "--name",
    "several",
  );
  const { questions } = await world.until(slug, (detail) => detail.questions.length === 2);
  const unclear = await world.run("answer", slug, "which one?");
  expect(unclear.code).toBe(3);
  expect(unclear.stderr).toContain("2 questions are open");
  expect(unclear.stderr).toContain(questions[0]!.id);
  for (const { id, text } of questions) await world.ok("answer", slug, `to ${text}`, "--question", id);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(world.read("answers")).toBe("to one\nto two\n");
});

test("a worker that was let go while it waited goes on in its conversation with the answer", async () => {
  await using world = new World({ also: "limits:\n  idle: 1s\n" });
  const slug = await world.dispatchPlan(
    ["choose"],
    "scripted: mark 1 blocked Which?\nscripted: stop end_turn\nscripted: tick 1\nscripted: recall\nscripted: finish done",
  );
  await world.settled(slug);
  await world.ended(world.processes("scripted/agent.ts"));
  expect((await world.task(slug)).task.status.state).toBe("input-required");
  await world.ok("answer", slug, "this");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(await world.said(slug)).toBe("turns 2");
});

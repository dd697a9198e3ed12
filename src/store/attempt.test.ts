import { expect, test } from "bun:test";
import { newId } from "../base/id.ts";
import { openStore, sampleAttempt, sampleTask, sampleWorkspace } from "./sample.fixture.ts";
import { listAttempts, saveAttempt } from "./attempt.ts";
import { waits } from "./migrations/015-waits.ts";
import { insertTask } from "./task.ts";
import { saveWorkspace } from "./workspace.ts";

test("an attempt of a store of before that waits knows since when", () => {
  const store = openStore();
  const workspace = sampleWorkspace();
  saveWorkspace(store.db, workspace);
  const task = sampleTask(workspace, {
    status: { state: "input-required", since: 7, questions: [newId("qst")], ending: null },
    attempt: 2,
  });
  insertTask(store.db, { task, prompt: "", context: { text: null, files: [] } });
  for (const number of [1, 2]) {
    const { waitingSince: _, ...before } = sampleAttempt(number);
    saveAttempt(store.db, task.id, before as ReturnType<typeof sampleAttempt>);
  }
  store.db.script(waits);
  expect(listAttempts(store.db, task.id).map(({ waitingSince }) => waitingSince)).toEqual([null, 7]);
  store.remove();
});

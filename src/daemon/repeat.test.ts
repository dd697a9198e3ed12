import { afterAll, afterEach, expect, setSystemTime, test } from "bun:test";
import { REPEAT_MS, type TaskRequest } from "../protocol/task.ts";
import { openStore, sampleTask, sampleWorkspace } from "../store/sample.fixture.ts";
import { insertTask } from "../store/task.ts";
import { saveWorkspace } from "../store/workspace.ts";
import { earlierTask, rememberTask } from "./repeat.ts";

const REQUEST: TaskRequest = {
  prompt: "review auth",
  workspace: "/work/api",
  caller: "mcp 7",
  model: "opus",
};
const NO_CONTEXT = { text: null, files: [] };

const store = openStore();
const workspace = sampleWorkspace();
saveWorkspace(store.db, workspace);

afterEach(() => setSystemTime());
afterAll(() => store.remove());

/** Makes a task of the request, as the daemon does. */
function make(request: TaskRequest, slug: string) {
  const task = sampleTask(workspace, { slug });
  insertTask(store.db, { task, prompt: request.prompt, context: NO_CONTEXT });
  rememberTask(store.db, request, task);
  return task;
}

test("a caller that asks again gets its task for ten minutes, whatever else it says", () => {
  const begin = Date.now();
  setSystemTime(begin);
  const task = make(REQUEST, "first");
  expect(earlierTask(store.db, { ...REQUEST, plan: "- [ ] look", name: "look" }, workspace)).toEqual(task);
  setSystemTime(begin + REPEAT_MS - 1);
  expect(earlierTask(store.db, REQUEST, workspace)?.id).toBe(task.id);
  setSystemTime(begin + REPEAT_MS);
  expect(earlierTask(store.db, REQUEST, workspace)).toBeNull();
  const next = make(REQUEST, "second");
  expect(earlierTask(store.db, REQUEST, workspace)?.id).toBe(next.id);
});

test.each([
  ["another prompt", { prompt: "review auth again" }],
  ["another caller", { caller: "mcp 8" }],
  ["another model", { model: "sonnet" }],
  ["another agent", { agent: "codex" }],
  ["no caller", { caller: undefined }],
])("%s is another task", (_, change) => {
  make(REQUEST, `task-${Bun.randomUUIDv7()}`);
  const { caller, ...request } = { ...REQUEST, ...change };
  const asked = caller === undefined ? request : { ...request, caller };
  expect(earlierTask(store.db, asked, workspace)).toBeNull();
});

test("another workspace is another task", () => {
  make(REQUEST, "elsewhere");
  expect(earlierTask(store.db, REQUEST, sampleWorkspace("/work/web"))).toBeNull();
});

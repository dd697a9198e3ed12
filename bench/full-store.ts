import { join } from "node:path";
import { openLedger, type Tx } from "../src/daemon/commit.ts";
import { newId } from "../src/base/id.ts";
import type { Session } from "../src/protocol/session.ts";
import type { Task } from "../src/protocol/task.ts";
import type { Workspace } from "../src/protocol/workspace.ts";
import { saveAttempt } from "../src/store/attempt.ts";
import {
  sampleAttempt,
  sampleRecord,
  sampleSession,
  sampleTask,
  sampleWorkspace,
} from "../src/store/sample.fixture.ts";
import { saveSession } from "../src/store/session.ts";
import { insertTask } from "../src/store/task.ts";
import { saveWorkspace } from "../src/store/workspace.ts";
import type { World } from "../test/e2e/world.ts";

export const FINISHED_TASKS = 1_000;
export const RECORDS_PER_TASK = 50;

/** Gives a world whose daemon was not started yet a past: finished tasks, each with its session and transcript. */
export function fillStore(world: World): void {
  const path = join(world.home, "dispatch.db");
  const ledger = openLedger({ path, report: (error) => console.error(error) });
  ledger.commit((tx) => {
    const workspace = sampleWorkspace(world.repo);
    saveWorkspace(tx.db, workspace);
    for (let number = 1; number <= FINISHED_TASKS; number++) writeTask(tx, workspace, number);
  });
  ledger.close();
}

function writeTask(tx: Tx, workspace: Workspace, number: number): void {
  const now = Date.now();
  const result = { summary: `did what task ${number} asked for`, files: ["a.txt"] };
  const id = newId("ses");
  const task = sampleTask(workspace, {
    slug: `task-${number}`,
    status: { state: "completed", since: now, result },
    session: id,
  });
  const session = sampleSession(task, { id: id, status: { state: "stopped", why: "asked" } });
  insertTask(tx.db, { task, prompt: `Task ${number}`, context: { text: null, files: [] } });
  saveAttempt(tx.db, task.id, { ...sampleAttempt(), endedAt: now, outcome: { state: "completed", result } });
  saveSession(tx.db, session);
  announce(tx, task, session);
}

function announce(tx: Tx, task: Task, session: Session): void {
  tx.announce({ type: "task", task });
  tx.announce({ type: "session", session });
  for (let seq = 1; seq <= RECORDS_PER_TASK; seq++) tx.announce(sampleRecord(session.id, task.id, seq));
  tx.announce({ type: "task", task });
}

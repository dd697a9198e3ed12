import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../base/id.ts";
import { Attempt, Task } from "../protocol/task.ts";
import { Session } from "../protocol/session.ts";
import { Workspace } from "../protocol/workspace.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Event } from "../protocol/event.ts";
import type { Db } from "../sqlite/database.ts";
import { migrate } from "../sqlite/migrate.ts";
import { openDatabase } from "../sqlite/open.ts";
import { storeId } from "./meta.ts";
import { MIGRATIONS } from "./migrations.ts";

/** An empty store in a folder of its own. */
export function openStore(): { db: Db; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  const db = openDatabase(join(folder, "dispatch.db"), { synchronous: "NORMAL" });
  migrate(db, MIGRATIONS);
  storeId(db, "");
  return {
    db,
    remove() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const MODEL = { name: "opus", agent: "claude", id: null, role: null, because: "default" } as const;

export function sampleWorkspace(path = "/work/api"): Workspace {
  return Workspace.parse({
    id: newId("wks"),
    name: path.split("/").at(-1),
    path,
    repository: null,
    createdAt: Date.now(),
  });
}

export function sampleTask(workspace: Workspace, change: Partial<Task> = {}): Task {
  const now = Date.now();
  return Task.parse({
    id: newId("tsk"),
    slug: "review-auth",
    workspace: workspace.id,
    title: "review auth",
    model: MODEL,
    permissions: "all",
    timeoutMs: null,
    plan: { items: [], notes: [] },
    status: { state: "submitted", since: now },
    attempt: 1,
    session: null,
    worktree: null,
    also: [],
    wantsWorktree: false,
    thinking: null,
    priority: "normal",
    after: [],
    waitsFor: [],
    blockedBy: [],
    owns: [],
    sweep: null,
    fromSession: null,
    budget: null,
    spent: { dollars: 0, tokens: 0 },
    parked: null,
    runFolder: null,
    snapshot: null,
    createdAt: now,
    updatedAt: now,
    ...change,
  });
}

export function sampleAttempt(number = 1): Attempt {
  return Attempt.parse({
    number,
    session: null,
    model: MODEL,
    nudges: 0,
    resumes: 0,
    stalls: 0,
    waitedMs: 0,
    waitingSince: null,
    parks: 0,
    lastPark: null,
    finish: null,
    spent: { dollars: 0, tokens: 0 },
    startedAt: 1,
    endedAt: null,
    outcome: null,
  });
}

export function sampleSession(task: Task, change: Partial<Session> = {}): Session {
  return Session.parse({
    id: newId("ses"),
    kind: "acp",
    origin: "task",
    workspace: task.workspace,
    task: task.id,
    name: null,
    agent: "claude",
    model: MODEL,
    permissions: "all",
    thinking: null,
    forkedFrom: null,
    folder: "/work/api",
    status: { state: "ready" },
    epoch: 1,
    conversation: null,
    forkable: false,
    revivals: 0,
    stale: false,
    usage: {},
    outside: null,
    createdAt: 1,
    updatedAt: 1,
    deletedAt: null,
    ...change,
  });
}

export function sampleRecord(session: SessionId, task: TaskId | null, seq: number): Event {
  const record = { seq, epoch: 1, at: 1, event: { type: "text" as const, text: `line ${seq}` } };
  return { type: "transcript", session, task, record };
}

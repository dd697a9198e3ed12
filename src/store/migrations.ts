import type { Migration } from "../sqlite/migrate.ts";
import { tasks } from "./migrations/001-tasks.ts";
import { messages } from "./migrations/002-messages.ts";
import { rules } from "./migrations/003-rules.ts";
import { sweeps } from "./migrations/004-sweeps.ts";
import { merges } from "./migrations/006-merges.ts";
import { search } from "./migrations/007-search.ts";
import { webhooks } from "./migrations/008-webhooks.ts";
import { schedules } from "./migrations/009-schedules.ts";
import { callerNotices } from "./migrations/010-caller-notices.ts";

/** The daemon's schema, step by step. A step is only ever added, at the end. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "tasks", sql: tasks },
  { name: "search", sql: search },
  { name: "webhooks", sql: webhooks },
  { name: "messages", sql: messages },
  { name: "merges", sql: merges },
  { name: "rules", sql: rules },
  { name: "schedules", sql: schedules },
  { name: "sweeps", sql: sweeps },
  { name: "caller-notices", sql: callerNotices },
];

import type { Migration } from "../sqlite/migrate.ts";
import { tasks } from "./migrations/001-tasks.ts";
import { messages } from "./migrations/002-messages.ts";
import { rules } from "./migrations/003-rules.ts";
import { sweeps } from "./migrations/004-sweeps.ts";
import { merges } from "./migrations/005-merges.ts";
import { search } from "./migrations/006-search.ts";
import { webhooks } from "./migrations/007-webhooks.ts";
import { schedules } from "./migrations/008-schedules.ts";
import { callerNotices } from "./migrations/009-caller-notices.ts";
import { projects } from "./migrations/010-projects.ts";
import { outsideSessions } from "./migrations/011-outside-sessions.ts";
import { places } from "./migrations/012-places.ts";
import { taken } from "./migrations/013-taken.ts";
import { failingSchedules } from "./migrations/014-failing-schedules.ts";
import { waits } from "./migrations/015-waits.ts";
import { origins } from "./migrations/016-origins.ts";
import { scheduleWorkspaces } from "./migrations/017-schedule-workspaces.ts";
import { images } from "./migrations/018-images.ts";
import { boundaries } from "./migrations/019-boundaries.ts";
import { contextWindows } from "./migrations/020-context-windows.ts";

/** The daemon's schema, step by step. A step is only ever added, at the end. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "tasks", sql: tasks },
  { name: "messages", sql: messages },
  { name: "rules", sql: rules },
  { name: "sweeps", sql: sweeps },
  { name: "merges", sql: merges },
  { name: "search", sql: search },
  { name: "webhooks", sql: webhooks },
  { name: "schedules", sql: schedules },
  { name: "caller-notices", sql: callerNotices },
  { name: "projects", sql: projects },
  { name: "outside-sessions", sql: outsideSessions },
  { name: "places", sql: places },
  { name: "taken", sql: taken },
  { name: "failing-schedules", sql: failingSchedules },
  { name: "waits", sql: waits },
  { name: "origins", sql: origins },
  { name: "schedule-workspaces", sql: scheduleWorkspaces },
  { name: "images", sql: images },
  { name: "boundaries", sql: boundaries },
  { name: "context-windows", sql: contextWindows },
];

import type { Tool } from "./tool.ts";
import { answer } from "./tools/answer.ts";
import { approve } from "./tools/approve.ts";
import { cancel } from "./tools/cancel.ts";
import { note } from "./tools/note.ts";
import { result } from "./tools/result.ts";
import { retry } from "./tools/retry.ts";
import { route } from "./tools/route.ts";
import { sessions } from "./tools/sessions.ts";
import { status } from "./tools/status.ts";
import { task } from "./tools/task.ts";
import { tell } from "./tools/tell.ts";
import { wait } from "./tools/wait.ts";

/** Every tool of an agent session, in the order in which it is offered. */
export const TOOLS: readonly Tool[] = [
  task,
  status,
  wait,
  answer,
  approve,
  note,
  retry,
  cancel,
  result,
  sessions,
  tell,
  route,
];

import type { Tool } from "./tool.ts";
import { answer } from "./tools/answer.ts";
import { cancel } from "./tools/cancel.ts";
import { note } from "./tools/note.ts";
import { result } from "./tools/result.ts";
import { retry } from "./tools/retry.ts";
import { status } from "./tools/status.ts";
import { task } from "./tools/task.ts";

/** Every tool of an agent session, in the order in which it is offered. */
export const TOOLS: readonly Tool[] = [task, status, answer, note, retry, cancel, result];

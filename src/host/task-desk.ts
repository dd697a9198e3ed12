import { DispatchError } from "../base/error.ts";
import { addDispatcherNote } from "../core/plan.ts";
import type { Launch } from "../protocol/host.ts";
import type { QuestionId } from "../protocol/id.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { serveDesk } from "./desk-server.ts";
import { Desk } from "./desk.ts";
import type { SessionFolder } from "./session-folder.ts";
import { TaskFiles } from "./task-files.ts";

interface TaskDeskInput {
  readonly task: NonNullable<Launch["task"]>;
  readonly folder: SessionFolder;
  /** True when the log has a question of a file. */
  readonly wasAsked: (question: QuestionId) => boolean;
  readonly write: (event: TranscriptEvent) => void;
  /** Called after the task's files were read anew. */
  readonly changed: () => void;
}

/** Both ways in which a worker reaches its task while its agent lives: the tools, and the files. */
export interface TaskDesk {
  readonly desk: Desk;
  readonly files: TaskFiles;
  /** Adds the dispatcher's notes to the plan; the worker is told them as turns all the same. */
  note(texts: readonly string[]): void;
  /** Takes in what the worker left in its files, and its finish. */
  endTurn(): void;
  /** Nothing of the worker is left: its files are read for the last time. Idempotent. */
  close(): void;
}

/** @throws when the task's folder is not there */
export async function openTaskDesk({ task, folder, write, ...rest }: TaskDeskInput): Promise<TaskDesk> {
  const files = new TaskFiles({ task, session: folder, write, ...rest });
  const desk = new Desk(files, write);
  const server = await serveDesk(folder.workerSocket, desk);
  let open = true;
  return {
    desk,
    files,
    note(texts) {
      for (const text of texts) addNote(files, text, write);
    },
    endTurn() {
      files.endTurn({ finished: desk.takeFinished() });
    },
    close() {
      if (!open) return;
      open = false;
      server.close();
      files.read();
      files.close();
    },
  };
}

function addNote(files: TaskFiles, text: string, write: TaskDeskInput["write"]): void {
  try {
    files.change((plan) => addDispatcherNote(plan, text));
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    write({ type: "notice", level: "warning", text: error.message });
  }
}

import { watchFolder, type FolderWatch } from "../agents/folder-watch.ts";
import { DispatchError } from "../base/error.ts";
import type { Launch } from "../protocol/host.ts";
import type { QuestionId } from "../protocol/id.ts";
import type { Plan } from "../protocol/plan.ts";
import { MAX_QUESTION_BYTES } from "../protocol/limit.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { PlanFile } from "./plan-file.ts";
import { QuestionFiles, type FileAnswer } from "./question-files.ts";
import type { SessionFolder } from "./session-folder.ts";
import { TaskFolder } from "./task-folder.ts";

/** A file is read when nothing has moved for this long, so that it is not caught half written. */
const SETTLE_MS = 50;
const OUTPUT = "output.md";
const MAX_OUTPUT_BYTES = 1024 * 1024;

interface TaskFilesInput {
  readonly task: NonNullable<Launch["task"]>;
  readonly session: SessionFolder;
  readonly write: (event: TranscriptEvent) => void;
  /** True when the log has a question of a file. */
  readonly wasAsked: (question: QuestionId) => boolean;
  /** Called after the files were read anew. */
  readonly changed: () => void;
}

/** The files of a task while its agent lives: watched by their folders, and read again at each turn's end. */
export class TaskFiles {
  readonly #planFile: PlanFile;
  readonly #questions: QuestionFiles;
  readonly #input: TaskFilesInput;
  readonly #folder: TaskFolder;
  readonly #ipc: TaskFolder;
  #watchers: FolderWatch[] = [];
  #settling: NodeJS.Timeout | undefined;
  #output: string | null;
  #complained = false;

  /** @throws when the task's folder is not there */
  constructor(input: TaskFilesInput) {
    this.#input = input;
    const { task, session, write, wasAsked } = input;
    this.#folder = TaskFolder.at(task.folder);
    this.#ipc = this.#folder.child("ipc");
    this.#planFile = new PlanFile({ task, folder: this.#folder, basePath: session.planBase, write });
    this.#questions = new QuestionFiles({ folder: this.#ipc, memory: session.questions, wasAsked, write });
    this.#output = this.#folder.read(OUTPUT, MAX_OUTPUT_BYTES);
    this.read();
  }

  get plan(): Plan {
    return this.#planFile.plan;
  }

  /**
   * Changes the plan, and its file as far as the worker left it usable.
   * @throws DispatchError what `by` throws; nothing is changed then
   */
  change(by: (plan: Plan) => Plan): void {
    this.#guard(() => this.#planFile.read());
    const next = by(this.#planFile.plan);
    this.#guard(() => this.#planFile.replace(next));
  }

  /** Takes in what the worker wrote, and puts back what it deleted. */
  read(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#guard(() => {
      const isNew = [this.#folder.ensure(), this.#ipc.ensure()].includes(true);
      if (isNew || this.#watchers.length === 0) this.#watch();
      this.#planFile.read();
      this.#questions.read();
    });
    this.#input.changed();
  }

  /** Reads all at a turn's end; what the worker wrote to `output.md` in it is its finish, where it called none. */
  endTurn({ finished }: { finished: boolean }): void {
    this.read();
    this.#guard(() => {
      const output = this.#folder.read(OUTPUT, MAX_OUTPUT_BYTES);
      if (!finished && output !== null && output.trim() !== "" && output !== this.#output) {
        this.#input.write({ type: "finish", summary: output.trim().slice(0, MAX_QUESTION_BYTES), files: [] });
      }
      this.#output = output;
    });
  }

  /** Writes an answer where the worker looks for it. Null when the question did not come by a file, or none can be written. */
  answer(question: QuestionId, text: string): FileAnswer | null {
    return this.#guard(() => this.#questions.answer(question, text)) ?? null;
  }

  close(): void {
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    this.#folder.close();
    this.#ipc.close();
  }

  #watch(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    this.#watchers = [this.#folder, this.#ipc].map(({ path }) => watchFolder(path, () => this.#settle()));
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.read(), SETTLE_MS);
  }

  /** A worker can spoil its own folder: that is told once, and costs it its files, not its run. */
  #guard<Result>(work: () => Result): Result | undefined {
    try {
      const result = work();
      this.#complained = false;
      return result;
    } catch (error) {
      if (!isFileTrouble(error)) throw error;
      if (!this.#complained) this.#input.write({ type: "notice", level: "warning", text: error.message });
      this.#complained = true;
      return undefined;
    }
  }
}

function isFileTrouble(error: unknown): error is Error {
  return error instanceof DispatchError || (error instanceof Error && "syscall" in error);
}

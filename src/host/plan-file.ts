import { readFileSync } from "node:fs";
import { newId } from "../base/id.ts";
import { mergePlan } from "../core/plan-merge.ts";
import { parsePlan, renderPlan } from "../core/plan-markdown.ts";
import { flagsIn } from "../core/plan.ts";
import type { Launch } from "../protocol/host.ts";
import type { Plan } from "../protocol/plan.ts";
import { MAX_PLAN_BYTES } from "../protocol/limit.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { replaceFile } from "./replace-file.ts";
import type { TaskFolder } from "./task-folder.ts";

const NAME = "plan.md";
/** What is read of a file; a worker may write more into it than a plan may hold. */
const MAX_FILE_BYTES = 4 * MAX_PLAN_BYTES;

interface PlanFileInput {
  readonly task: NonNullable<Launch["task"]>;
  readonly folder: TaskFolder;
  /** Where the base of the next merge is kept, so that a restart of the host keeps merging right. */
  readonly basePath: string;
  readonly write: (event: TranscriptEvent) => void;
}

/** A task's plan and `plan.md`, kept in step: each change is logged first, then the file follows. */
export class PlanFile {
  readonly #input: PlanFileInput;
  #plan: Plan;
  #base: string;

  constructor(input: PlanFileInput) {
    this.#input = input;
    this.#plan = input.task.plan;
    this.#base = readBase(input.basePath) ?? this.#render(input.task.left ?? this.#plan);
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** Takes in what the worker made of the file, and puts the file back where it is gone. */
  read(): void {
    const file = this.#input.folder.read(NAME, MAX_FILE_BYTES);
    if (file?.trim() === "") return; // caught between truncation and write, or emptied: a plan it is not
    const merged = mergePlan({ base: this.#base, file: file ?? this.#base, current: this.#plan });
    this.#settle(merged, file);
  }

  /** The plan is this now; to be made of `plan` right after `read`, so that nothing of the worker's is lost. */
  replace(next: Plan): void {
    this.#settle(next, this.#base);
  }

  #settle(next: Plan, file: string | null): void {
    this.#announce(next);
    this.#plan = next;
    const rendered = this.#render(next);
    // A file that says the same in other words is left as it is: agents refuse to edit what changed under them.
    const isSaid = file !== null && this.#render(parsePlan(file)) === rendered;
    if (!isSaid) this.#input.folder.replace(NAME, rendered);
    this.#keepBase(isSaid ? file : rendered);
  }

  #announce(next: Plan): void {
    if (Bun.deepEquals(next, this.#plan)) return;
    const raised = new Set(flagsIn(this.#plan));
    for (const text of new Set(flagsIn(next)).difference(raised)) {
      this.#input.write({ type: "flag", flag: newId("flg"), text });
    }
    this.#input.write({ type: "plan", plan: next });
  }

  /** After the file, never before: a base that is newer than the file would read as an undoing by the worker. */
  #keepBase(base: string): void {
    if (base === this.#base) return;
    this.#base = base;
    replaceFile(this.#input.basePath, base);
  }

  #render(plan: Plan): string {
    return renderPlan(plan, { title: this.#input.task.title });
  }
}

function readBase(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

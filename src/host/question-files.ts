import { readFileSync } from "node:fs";
import { newId } from "../base/id.ts";
import type { QuestionId } from "../protocol/id.ts";
import { MAX_QUESTION_BYTES } from "../protocol/limit.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { replaceFile } from "./replace-file.ts";
import type { TaskFolder } from "./task-folder.ts";

const QUESTION = /^(\d{3,6})\.question$/u;
const MAX_QUESTIONS = 1_000;

/** An answer that was written to its file; `wasRead` once the worker confirms that it has read it. */
export interface FileAnswer {
  wasRead(): boolean;
}

interface QuestionFilesInput {
  /** `ipc/` of the task's folder. */
  readonly folder: TaskFolder;
  /** Where the ids of what was asked are kept: a question has one id, whoever reads its file again. */
  readonly memory: string;
  /** True when the log has the question. */
  readonly wasAsked: (question: QuestionId) => boolean;
  readonly write: (event: TranscriptEvent) => void;
}

/** The questions of a worker without tools: `NNN.question`, answered by `NNN.answer`, which it confirms by `NNN.done`. */
export class QuestionFiles {
  readonly #input: QuestionFilesInput;
  /** The ids of the questions by their numbers, kept before the question is logged: it may have to be logged again. */
  readonly #ids: Map<string, QuestionId>;

  constructor(input: QuestionFilesInput) {
    this.#input = input;
    this.#ids = readMemory(input.memory);
  }

  /** Asks what stands there unasked and unanswered. */
  read(): void {
    const names = new Set(this.#input.folder.list());
    for (const name of [...names].sort()) {
      const number = QUESTION.exec(name)?.[1];
      if (number === undefined || names.has(`${number}.answer`)) continue;
      const known = this.#ids.get(number);
      if (known === undefined || !this.#input.wasAsked(known)) this.#ask(number, name);
    }
  }

  /** Writes the answer where the worker looks for it. Null when the question did not come by a file. */
  answer(question: QuestionId, text: string): FileAnswer | null {
    const number = this.#ids.entries().find(([, id]) => id === question)?.[0];
    if (number === undefined) return null;
    this.#input.folder.replace(`${number}.answer`, `${text}\n`);
    return { wasRead: () => this.#input.folder.has(`${number}.done`) };
  }

  #ask(number: string, name: string): void {
    const text = this.#input.folder.read(name, MAX_QUESTION_BYTES)?.trim();
    if (!text || this.#ids.size >= MAX_QUESTIONS) return;
    const question = this.#ids.get(number) ?? newId("qst");
    this.#ids.set(number, question);
    replaceFile(this.#input.memory, JSON.stringify([...this.#ids]));
    this.#input.write({ type: "question", question, text, options: [], via: "file" });
  }
}

function readMemory(path: string): Map<string, QuestionId> {
  try {
    return new Map(JSON.parse(readFileSync(path, "utf8")) as [string, QuestionId][]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
}

import { z } from "zod";

/** Sessions that are remembered; the one that has been silent for longest goes first. */
const MAX_ANNOUNCED = 200;
const MAX_TEXT_CHARS = 1024;

const text = z.string().min(1).max(MAX_TEXT_CHARS).optional().catch(undefined);

/** What Workstation's hooks say that an agent works on. */
export const WorkContext = z.object({
  project: text,
  projectPath: text,
  taskId: text,
  currentStep: text,
  branch: text,
});
export type WorkContext = z.infer<typeof WorkContext>;

/** A session that Workstation's hooks told of. `isSeen`: its agent's process was found, so that it is one of ours too. */
export interface Announced {
  readonly context: WorkContext;
  readonly isSeen: boolean;
  readonly at: number;
}

/** The sessions that Workstation's hooks told of, by the agents' own ids, until they say that those are over. */
export class Announcements {
  readonly #known = new Map<string, Announced>();

  /** @param isSeen see `Announced` */
  add(id: string, context: WorkContext, { isSeen }: { isSeen: boolean }): void {
    this.#known.delete(id);
    this.#known.set(id, { context, isSeen, at: Date.now() });
    const [silent] = this.#known.keys();
    if (this.#known.size > MAX_ANNOUNCED) this.#known.delete(silent!);
  }

  /** It said something, so it is there. */
  touch(id: string): void {
    const known = this.#known.get(id);
    if (known) this.add(id, known.context, known);
  }

  remove(id: string): void {
    this.#known.delete(id);
  }

  get(id: string): Announced | undefined {
    return this.#known.get(id);
  }

  /** Those of which nothing is known but what they said. */
  unseen(): [id: string, Announced][] {
    return [...this.#known].filter(([, { isSeen }]) => !isSeen);
  }
}

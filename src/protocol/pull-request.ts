import { z } from "zod";
import { FileChange } from "./change.ts";

/** What a task's branch says of itself to those who review it. `name` is its repository's, `folder` its worktree. */
export const PullRequest = z.object({
  title: z.string(),
  /** Markdown. */
  body: z.string(),
  name: z.string(),
  branch: z.string(),
  target: z.string(),
  folder: z.string(),
  files: z.array(FileChange),
});
export type PullRequest = z.infer<typeof PullRequest>;

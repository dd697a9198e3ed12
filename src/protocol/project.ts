import { z } from "zod";

/** What marks a folder as a place to work: a repository, or a folder with agents' instructions. */
export const ProjectSign = z.enum([".git", "CLAUDE.md", "AGENTS.md"]);
export type ProjectSign = z.infer<typeof ProjectSign>;

/**
 * A folder that messages can be routed to, found below the roots of the config or known as a workspace. `path` is
 * absolute and resolved; `uses` counts the tasks, sessions and routes there, the last of them at `usedAt`.
 */
export const Project = z.object({
  name: z.string(),
  path: z.string(),
  signs: z.array(ProjectSign),
  source: z.enum(["scan", "workspace"]),
  uses: z.number().int().nonnegative(),
  usedAt: z.number().nullable(),
});
export type Project = z.infer<typeof Project>;

import { z } from "zod";
import { BudgetText, DurationText, WorkspaceLines } from "./config.ts";
import { WorkspaceId } from "./id.ts";
import { Permissions } from "./permission.ts";
import { MAX_NAME_LENGTH } from "./task.ts";

/**
 * A folder where agents run. `path` is absolute and resolved; `repository` is the git top level it lies in, if any.
 * `removedAt`: it was taken off the list. What ran in it keeps it, and what comes to it next puts it back.
 */
export const Workspace = z.object({
  id: WorkspaceId,
  name: z.string(),
  path: z.string(),
  repository: z.string().nullable(),
  createdAt: z.number(),
  removedAt: z.number().optional(),
});
export type Workspace = z.infer<typeof Workspace>;

/** What a person calls one: never to be taken for a path. */
export const WorkspaceName = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .regex(/^[^/~.\p{C}][^/\p{C}]*$/u, "a name has no slash and does not begin with a dot or a tilde");

/** With `settings`: what its section of the config says for its tasks and sessions, unless they say otherwise. */
export const WorkspaceInfo = Workspace.extend({ settings: z.record(z.string(), z.unknown()) });
export type WorkspaceInfo = z.infer<typeof WorkspaceInfo>;

/** Globs, paths or commands, in order; an empty list would set nothing. */
const Lines = WorkspaceLines.min(1).optional();

/** One of these settings; without a value it is taken back. */
export const WorkspaceSetting = z.discriminatedUnion("key", [
  z.strictObject({ key: z.literal("model"), value: z.string().min(1).optional() }),
  z.strictObject({ key: z.literal("agent"), value: z.string().min(1).optional() }),
  z.strictObject({ key: z.literal("permissions"), value: Permissions.optional() }),
  z.strictObject({ key: z.literal("terminals"), value: Permissions.optional() }),
  z.strictObject({ key: z.literal("worktree"), value: z.boolean().optional() }),
  z.strictObject({ key: z.literal("budget"), value: BudgetText.optional() }),
  z.strictObject({ key: z.literal("limits.timeout"), value: DurationText.optional() }),
  z.strictObject({ key: z.literal("copy"), value: Lines }),
  z.strictObject({ key: z.literal("link"), value: Lines }),
  z.strictObject({ key: z.literal("setup"), value: Lines }),
  z.strictObject({ key: z.literal("teardown"), value: Lines }),
  z.strictObject({ key: z.literal("gate"), value: Lines }),
]);
export type WorkspaceSetting = z.infer<typeof WorkspaceSetting>;

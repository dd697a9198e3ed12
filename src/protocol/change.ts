import { z } from "zod";

export const FileStatus = z.enum(["added", "modified", "deleted", "renamed", "type-changed"]);
export type FileStatus = z.infer<typeof FileStatus>;

/** One file of a change. `from` is its old path when it was renamed; a binary file counts no lines. */
export const FileChange = z.object({
  path: z.string(),
  from: z.string().optional(),
  status: FileStatus,
  additions: z.number().int().nonnegative(),
  deletions: z.number().int().nonnegative(),
  binary: z.boolean(),
});
export type FileChange = z.infer<typeof FileChange>;

/** A unified diff. When it was longer than the reader wanted it ends at a line's end and says `truncated`. */
export const DiffText = z.object({ text: z.string(), truncated: z.boolean() });
export type DiffText = z.infer<typeof DiffText>;

/**
 * `merge`: always a merge commit. `squash`: one commit that holds the whole work.
 * `fast-forward`: moves the branch when it has nothing of its own, else a merge commit.
 */
export const MergeStrategy = z.enum(["merge", "squash", "fast-forward"]);
export type MergeStrategy = z.infer<typeof MergeStrategy>;

/**
 * How a merge ended. `commit` is where the target branch stands.
 * After `nothing` and `conflict` the target branch and its checkout are as they were.
 */
export const MergeResult = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("merged"), commit: z.string(), files: z.array(FileChange) }),
  z.object({ outcome: z.literal("already-merged"), commit: z.string() }),
  z.object({ outcome: z.literal("nothing") }),
  z.object({ outcome: z.literal("conflict"), conflicts: z.array(z.string()), hint: z.string() }),
]);
export type MergeResult = z.infer<typeof MergeResult>;

/** What became of one repository of a task that works in several. `held`: it could land, but another one could not. */
export const PlaceMerge = z.object({
  name: z.string(),
  target: z.string(),
  merge: z.discriminatedUnion("outcome", [...MergeResult.options, z.object({ outcome: z.literal("held") })]),
});
export type PlaceMerge = z.infer<typeof PlaceMerge>;

/** What a task changed in one of several repositories; paths are those of the repository. `folder` is its checkout. */
export const PlaceChanges = z.object({ name: z.string(), folder: z.string(), files: z.array(FileChange) });
export type PlaceChanges = z.infer<typeof PlaceChanges>;

/**
 * What is left of a worktree that was removed. `tip` is where its branch stood (null: there was no branch);
 * `backup` is a ref that holds what was in no branch.
 */
export const WorktreeRemoval = z.object({
  branch: z.enum(["deleted", "kept", "absent"]),
  tip: z.string().nullable(),
  backup: z.string().nullable(),
});
export type WorktreeRemoval = z.infer<typeof WorktreeRemoval>;

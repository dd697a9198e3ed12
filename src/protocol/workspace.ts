import { z } from "zod";
import { WorkspaceId } from "./id.ts";

/** A folder where agents run. `path` is absolute and resolved; `repository` is the git top level it lies in, if any. */
export const Workspace = z.object({
  id: WorkspaceId,
  name: z.string(),
  path: z.string(),
  repository: z.string().nullable(),
  createdAt: z.number(),
});
export type Workspace = z.infer<typeof Workspace>;

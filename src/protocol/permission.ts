import { z } from "zod";

/** What an agent may do without asking: nothing, edits inside its folder, everything, or reading only. */
export const Permissions = z.enum(["ask", "edits", "all", "read-only"]);
export type Permissions = z.infer<typeof Permissions>;

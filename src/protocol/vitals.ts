import { z } from "zod";

/**
 * What shows that the processes of a run are at work, counted from their start: a name for which of them live, the
 * time that they computed and that they waited for a processor in milliseconds, the bytes that they read and wrote, and
 * those that came from the network.
 * Null where the system does not tell.
 */
export const Vitals = z.object({
  processes: z.string(),
  cpuMs: z.number().nonnegative(),
  waitedMs: z.number().nonnegative().nullable().default(null),
  bytes: z.number().nonnegative().nullable(),
  received: z.number().nonnegative().nullable(),
});
export type Vitals = z.infer<typeof Vitals>;

import { z } from "zod";
import { ERROR_CODES } from "../base/error.ts";

/**
 * What every surface says of a failure. `hint` is the next command to run, or what to change; `ref` what was given that
 * can mean each of the `candidates`, which begin with their ids.
 */
export const ErrorBody = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().optional(),
  candidates: z.array(z.string()).optional(),
  ref: z.string().optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

import { z } from "zod";

/** What a person says to a worker: verbatim, and more than white space. No command line can hold a NUL. */
export const Words = z
  .string()
  .regex(/\S/u, "it is empty")
  .refine((text) => !text.includes("\0"), "it holds a NUL character");

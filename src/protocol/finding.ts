import { z } from "zod";

/** What `doctor` found of one thing, and what to do about it. `bad`: something does not work; `note`: it is worth knowing. */
export const Finding = z.object({
  about: z.string(),
  state: z.enum(["good", "note", "bad"]),
  text: z.string(),
  hint: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

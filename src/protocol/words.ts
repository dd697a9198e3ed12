import { z } from "zod";

/** What a person says to a worker: verbatim, and more than white space. */
export const Words = z.string().regex(/\S/u, "it is empty");

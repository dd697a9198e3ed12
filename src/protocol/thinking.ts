import { z } from "zod";

/** How long a model is to think before it answers, from least to most; each product maps these to its own words. */
export const Thinking = z.enum(["off", "minimal", "low", "medium", "high", "xhigh"]);
export type Thinking = z.infer<typeof Thinking>;

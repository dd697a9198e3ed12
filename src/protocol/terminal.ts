import { z } from "zod";

/** The least and the most that a terminal can have, in characters. */
const MIN_SIDE = 2;
const MAX_SIDE = 1_000;

const Side = z.number().int().min(MIN_SIDE).max(MAX_SIDE);

export const TerminalSize = z.strictObject({ columns: Side, rows: Side });
export type TerminalSize = z.infer<typeof TerminalSize>;

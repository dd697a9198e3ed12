import { z } from "zod";

/** The least and the most that a terminal can have, in characters. */
const MIN_SIDE = 2;
const MAX_SIDE = 1_000;

const Side = z.number().int().min(MIN_SIDE).max(MAX_SIDE);

export const TerminalSize = z.strictObject({ columns: Side, rows: Side });
export type TerminalSize = z.infer<typeof TerminalSize>;

/**
 * What somebody who watches a terminal says, as text frames of `/sessions/:session/terminal`; what is typed are binary
 * ones. `attach` comes first: without a size one takes the terminal's, with one the terminal gets it whenever its owner
 * was the last to type or resize. `taken` counts the bytes of binary frames that were shown: no more than
 * `MAX_UNTAKEN_BYTES` are sent beyond, then the next thing is the whole screen anew.
 */
export const FromViewer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("attach"), size: TerminalSize.nullable(), history: z.boolean() }),
  z.strictObject({ type: z.literal("resize"), size: TerminalSize }),
  z.strictObject({ type: z.literal("taken"), bytes: z.number().int().nonnegative() }),
]);
export type FromViewer = z.infer<typeof FromViewer>;

/**
 * What a viewer is told beside the bytes to show. `size`: how large the terminal is from here on. `exit`: its program has
 * ended, and the connection does.
 */
export const ToViewer = z.discriminatedUnion("type", [
  z.object({ type: z.literal("size"), size: TerminalSize }),
  z.object({ type: z.literal("exit"), exitCode: z.number().int().nullable() }),
]);
export type ToViewer = z.infer<typeof ToViewer>;

/**
 * What a terminal shows, as text; `above` is what has left it at the top, where that was asked for, without the `left`
 * oldest rows.
 */
export const ScreenText = z.object({
  size: TerminalSize,
  above: z.array(z.string()).default([]),
  left: z.number().int().default(0),
  lines: z.array(z.string()),
  cursor: z.object({ row: z.number().int(), column: z.number().int() }),
  alternate: z.boolean(),
});
export type ScreenText = z.infer<typeof ScreenText>;

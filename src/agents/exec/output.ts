import type { ExecOutput } from "../agent-row.ts";
import type { AgentOutput, Turn } from "../driver.ts";

/** What one line of a run's output says. */
export interface Said {
  readonly outputs: readonly AgentOutput[];
  /** The product's own id of the conversation. */
  readonly conversation?: string;
  /** The run failed, in the product's own words. */
  readonly failure?: RunFailure;
}

/** The end of a turn that failed; `data` is what else the product says of the error. */
export type RunFailure = Pick<Turn, "end" | "message"> & { readonly data?: unknown };

/** Reads a line; null: it is not of this format, or of a kind that this format is not known to have. */
export type ReadLine = (line: string) => Said | null;

/** A line that is understood, and nothing that a person wants to see. */
export const NOTHING: Said = { outputs: [] };

/** The reader of a format, loaded when it is used; null for plain text. */
export async function lineReader(output: ExecOutput): Promise<ReadLine | null> {
  switch (output) {
    case "text":
      return null;
    case "claude":
      return (await import("./formats/claude.ts")).readClaude;
    case "codex":
      return (await import("./formats/codex.ts")).readCodex;
    case "cursor":
      return (await import("./formats/cursor.ts")).readCursor;
    case "gemini":
      return (await import("./formats/gemini.ts")).readGemini;
    case "opencode":
      return (await import("./formats/opencode.ts")).readOpencode;
  }
}

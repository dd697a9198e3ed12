import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallAnswer, CallInput } from "../../src/protocol/api.ts";
import { AGENT } from "./world.ts";
import { SessionWorld } from "./session-world.ts";

const TUI = [...AGENT.slice(0, -1), join(AGENT.at(-1)!, "..", "tui.ts")].join(" ");

/**
 * A world whose agents sit in terminals: `claude` and `codex` on its PATH are the scripted program, and so is the agent
 * `tui` of its configuration, which no product's form knows.
 */
export class TerminalWorld extends SessionWorld {
  constructor(variables = "") {
    super({ settings: `default: claude\nbackends:\n  tui: ${JSON.stringify(`env ${variables} ${TUI}`)}\n` });
    const bin = join(this.root, "bin");
    mkdirSync(bin);
    for (const program of ["claude", "codex"]) {
      writeFileSync(join(bin, program), `#!/bin/sh\nexec env ${variables} ${TUI} "$@"\n`);
      chmodSync(join(bin, program), 0o755);
    }
    this.environment["PATH"] = `${bin}:${this.environment["PATH"]}`;
  }

  /** Opens a session in a terminal, by the API. */
  openTerminal(request: Partial<CallInput<"createSession">> = {}): Promise<CallAnswer<"createSession">> {
    return this.open({ kind: "terminal", ...request });
  }
}

import type { AgentTerminal, Conversation, Turn } from "../driver.ts";

/** The id of a conversation that its product has not named, and perhaps never will. */
const UNNAMED = "unnamed";
/** What ends the line that is being typed, and what stands around text that is pasted (xterm's bracketed paste). */
const ENTER = "\r";
const PASTE = { begin: "\x1b[200~", end: "\x1b[201~" };
const ESCAPE = "\x1b";
/** The most of the screen's end that is told of a program that ended by itself, in rows. */
const LAST_ROWS = 8;

/** What is said to an interactive program, by typing it where a person would. */
export class TerminalConversation implements Conversation {
  readonly id: string;
  readonly resumable: boolean;
  readonly resumed: boolean;
  readonly forkable = false;
  readonly models = [];
  readonly closed: Promise<{ exitCode: number | null; message: string }>;
  readonly #terminal: AgentTerminal;

  constructor(
    terminal: AgentTerminal,
    { id, resumed, resumable }: { id: string | null; resumed: boolean; resumable: boolean },
  ) {
    this.#terminal = terminal;
    this.id = id ?? UNNAMED;
    this.resumed = resumed;
    this.resumable = resumable;
    this.closed = terminal.exited.then((exitCode) => ({ exitCode, message: this.#lastRows() }));
  }

  async prompt(text: string): Promise<Turn> {
    const { bracketedPaste } = this.#terminal.screen();
    await this.#terminal.write(bracketedPaste ? `${PASTE.begin}${text}${PASTE.end}` : text);
    await this.#terminal.write(ENTER);
    return { end: "end_turn" };
  }

  async cancel(): Promise<void> {
    await this.#terminal.write(ESCAPE);
  }

  async close(): Promise<void> {
    this.#terminal.close();
  }

  #lastRows(): string {
    const written = this.#terminal.screen().lines.filter((line) => line !== "");
    return written.slice(-LAST_ROWS).join("\n");
  }
}

import headless from "@xterm/headless";
import type { World } from "./world.ts";

/** A terminal of a person: a real PTY with the program in it, and the screen that it would show. */
export class Terminal implements AsyncDisposable {
  readonly #screen: headless.Terminal;
  readonly #child: Bun.Subprocess;
  readonly #listeners = new Set<() => void>();
  #answered = "";
  #received = 0;

  /** @param options.program another program than ours */
  constructor(
    world: World,
    { program = world.self, ...size }: { cols: number; rows: number; program?: string[] },
    ...args: string[]
  ) {
    this.#screen = new headless.Terminal({ ...size, scrollback: 10_000, allowProposedApi: true });
    this.#screen.onData((answer) => {
      this.#answered += answer;
      this.#child.terminal!.write(answer);
    });
    const { NO_COLOR: _, ...environment } = world.environment;
    this.#child = Bun.spawn([...program, ...args], {
      cwd: world.repo,
      env: { ...environment, TERM: "xterm-256color" },
      terminal: {
        ...size,
        data: (_, bytes) =>
          this.#screen.write(bytes, () => {
            this.#received += bytes.length;
            for (const listener of this.#listeners) listener();
          }),
      },
    });
  }

  /** The rows of the screen, without the blanks at their ends. */
  get rows(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, at) =>
      (active.getLine(active.viewportY + at)?.translateToString(true) ?? "").trimEnd(),
    );
  }

  /** The whole screen as text. */
  get text(): string {
    return this.rows.join("\n");
  }

  /** The same with what is above the screen. */
  get all(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: active.length }, (_, at) =>
      active.getLine(at)!.translateToString(true).trimEnd(),
    );
  }

  get cursor(): { row: number; column: number } {
    const { cursorX, cursorY } = this.#screen.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  get alternate(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  /** What programs have switched on. */
  get modes(): headless.IModes {
    return this.#screen.modes;
  }

  /** Waits until something is drawn. */
  async draws(): Promise<void> {
    const before = this.#received;
    await this.shows(() => this.#received > before);
  }

  /** What it answered by itself to a program that asked it something. */
  get answered(): string {
    return this.#answered;
  }

  type(text: string): void {
    this.#child.terminal!.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.#child.terminal!.resize(cols, rows);
  }

  /** Waits until the screen is as wanted, and answers its text. */
  async shows(isSo: (text: string) => boolean): Promise<string> {
    for (;;) {
      if (isSo(this.text)) return this.text;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#listeners.add(resolve);
      await promise;
      this.#listeners.delete(resolve);
    }
  }

  /** The exit code. */
  get exited(): Promise<number> {
    return this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    this.#screen.dispose();
  }
}

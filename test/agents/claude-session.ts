import { join } from "node:path";
import type { World } from "../e2e/world.ts";
import { PRODUCT_BIN } from "./products.ts";

const CLAUDE = join(PRODUCT_BIN, "claude");

/** What Claude Code says of itself, a JSON line each. */
interface Line {
  type: string;
  subtype?: string;
  [key: string]: unknown;
}

/** A session with Claude Code that stays open, so that it can be woken: no screen, messages as JSON lines. */
export class ClaudeSession implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncGenerator<Line>;

  /** @param allowed the tools that it may use without asking */
  constructor(world: World, allowed: string[]) {
    const streams = ["--input-format", "stream-json", "--output-format", "stream-json", "--verbose"];
    this.#child = Bun.spawn([CLAUDE, "-p", ...streams, "--allowedTools", allowed.join(",")], {
      cwd: world.repo,
      env: world.environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = linesOf(this.#child.stdout);
  }

  async say(text: string): Promise<void> {
    await this.#child.stdin.write(
      `${JSON.stringify({ type: "user", message: { role: "user", content: text } })}\n`,
    );
    await this.#child.stdin.flush();
  }

  /** What it says of itself when a turn begins. */
  async begins(): Promise<Line> {
    return await this.#next((line) => line.type === "system" && line.subtype === "init");
  }

  /** The last text of the turn that ends next; a turn that nobody asked for counts. */
  async ends(): Promise<unknown> {
    return (await this.#next((line) => line.type === "result"))["result"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.end();
    this.#child.kill();
    await this.#child.exited;
  }

  async #next(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error("the session ended");
      if (fits(value)) return value;
    }
  }
}

async function* linesOf(stdout: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  let rest = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}

import { render } from "ink";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { Board } from "./board.ts";
import { Controls } from "./controls.ts";
import { Screen } from "./screen.tsx";

/**
 * Another page of the terminal, so that what stood there is back afterwards. There a row that a terminal takes for wider
 * than we do goes on in no next one, which would push others off the screen.
 */
const ENTER = "\u001b[?1049h\u001b[H\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?1049l";

/** All tasks on the whole screen, until a key or Ctrl-C ends it; they go on. */
export async function watchFullScreen(context: Context): Promise<number> {
  const board = new Board(context);
  const left = new AbortController();
  const signal = AbortSignal.any([context.interrupted, left.signal]);
  await context.client.call("health", {}, {});
  process.stdout.write(ENTER);
  const controls = new Controls(board, () => app.unmount());
  const app = render(<Screen board={board} controls={controls} look={context.output.look} />, {
    exitOnCtrlC: false,
    patchConsole: false,
    onRender: () => controls.drawn(),
  });
  context.interrupted.addEventListener("abort", () => app.unmount(), { once: true });
  try {
    await Promise.race([board.run(signal), app.waitUntilExit()]);
  } finally {
    left.abort();
    app.unmount();
    process.stdout.write(LEAVE);
  }
  return EXIT.done;
}

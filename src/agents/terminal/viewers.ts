import { MAX_UNTAKEN_BYTES, MAX_VIEWERS } from "../../protocol/limit.ts";
import type { TerminalSize, ToViewer } from "../../protocol/terminal.ts";
import type { Screen } from "./screen.ts";

/** How often a terminal of another size is drawn anew while output comes, in milliseconds. */
const PICTURE_MS = 50;

/** Where a viewer gets what it shows. */
export interface ViewerChannel {
  show(bytes: Uint8Array): void;
  tell(frame: ToViewer): void;
}

/** One who watches. Everything it does is idempotent once it has left. */
export interface Viewer {
  type(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  taken(bytes: number): void;
  leave(): void;
}

export interface ViewersInput {
  readonly screen: Screen;
  /** Gives the terminal another size. */
  resize(size: TerminalSize): void;
  /** Somebody typed. */
  typed(bytes: Uint8Array): void;
}

/**
 * All who watch one terminal. Each gets the output as it comes while it keeps up and is of the terminal's size; a slow one
 * skips to the screen as it is, and one of another size is shown pictures of it.
 */
export class Viewers {
  readonly #input: ViewersInput;
  /** In the order in which they last typed or resized. */
  readonly #all = new Set<Watching>();

  constructor(input: ViewersInput) {
    this.#input = input;
  }

  /** Null when there are too many. */
  admit(
    channel: ViewerChannel,
    { size, history }: { size: TerminalSize | null; history: boolean },
  ): Viewer | null {
    if (this.#all.size >= MAX_VIEWERS) return null;
    const viewer = new Watching(this.#input.screen, channel, size);
    this.#all.add(viewer);
    if (!this.#settle()) channel.tell({ type: "size", size: this.#input.screen.size });
    viewer.begin({ history });
    return {
      type: (bytes) => this.#type(viewer, bytes),
      resize: (wanted) => this.#resize(viewer, wanted),
      taken: (bytes) => viewer.taken(bytes),
      leave: () => this.#leave(viewer),
    };
  }

  /** Output that the screen gets next. */
  output(text: string): void {
    if (this.#all.size === 0 || text === "") return;
    const bytes = new TextEncoder().encode(text);
    for (const viewer of this.#all) viewer.output(bytes);
  }

  end(exitCode: number | null): void {
    for (const viewer of this.#all) viewer.end(exitCode);
    this.#all.clear();
  }

  #type(viewer: Watching, bytes: Uint8Array): void {
    if (!this.#all.has(viewer)) return;
    this.#last(viewer);
    this.#input.typed(bytes);
  }

  #resize(viewer: Watching, size: TerminalSize): void {
    if (!this.#all.has(viewer)) return;
    viewer.size = size;
    if (!this.#last(viewer)) viewer.resized();
  }

  #leave(viewer: Watching): void {
    viewer.leave();
    if (this.#all.delete(viewer)) this.#settle();
  }

  #last(viewer: Watching): boolean {
    this.#all.delete(viewer);
    this.#all.add(viewer);
    return this.#settle();
  }

  /** Has the terminal be of the size of whoever typed or resized last; false where it is. */
  #settle(): boolean {
    const { screen } = this.#input;
    const size = [...this.#all].findLast((viewer) => viewer.size !== null)?.size;
    if (!size || isSame(size, screen.size)) return false;
    this.#input.resize(size);
    for (const viewer of this.#all) viewer.resized();
    return true;
  }
}

class Watching {
  size: TerminalSize | null;
  readonly #screen: Screen;
  readonly #channel: ViewerChannel;
  #untaken = 0;
  /** Output that comes before the screen is drawn for it; null: it gets output at once. */
  #waiting: Uint8Array[] | null = [];
  /** It has not seen all that was put out, so that only the whole screen helps. */
  #missed = false;
  #picture: NodeJS.Timeout | undefined;
  #isHere = true;

  constructor(screen: Screen, channel: ViewerChannel, size: TerminalSize | null) {
    this.#screen = screen;
    this.#channel = channel;
    this.size = size;
  }

  output(bytes: Uint8Array): void {
    if (this.#waiting !== null) this.#waiting.push(bytes);
    else if (!this.#missed && this.#fits && !this.#isBehind) this.#show(bytes);
    else this.#miss();
  }

  begin({ history }: { history: boolean }): void {
    this.#drawSoon({ history });
  }

  taken(bytes: number): void {
    this.#untaken = Math.max(0, this.#untaken - bytes);
    if (this.#missed && this.#untaken === 0) this.#redraw();
  }

  /** The terminal's size, or its own, is another one. */
  resized(): void {
    this.#channel.tell({ type: "size", size: this.#screen.size });
    if (this.#waiting === null) this.#miss();
  }

  end(exitCode: number | null): void {
    this.leave();
    this.#channel.tell({ type: "exit", exitCode });
  }

  leave(): void {
    this.#isHere = false;
    clearTimeout(this.#picture);
  }

  get #fits(): boolean {
    return this.size === null || isSame(this.size, this.#screen.size);
  }

  get #isBehind(): boolean {
    return this.#untaken > MAX_UNTAKEN_BYTES;
  }

  #miss(): void {
    this.#missed = true;
    if (this.#untaken === 0 || (this.#fits && !this.#isBehind)) this.#redraw();
  }

  #redraw(): void {
    if (this.#fits) return this.#drawAnew();
    this.#picture ??= setTimeout(() => {
      this.#picture = undefined;
      if (this.#untaken === 0) this.#drawAnew();
    }, PICTURE_MS);
  }

  #drawAnew(): void {
    if (this.#waiting !== null) return; // it is about to be drawn as it is by then
    this.#waiting = [];
    this.#drawSoon({ history: false });
  }

  /** Shows the whole screen once it shows all that was put out so far, and before anything else is drawn on it. */
  #drawSoon({ history }: { history: boolean }): void {
    this.#screen.write("", () => {
      if (!this.#isHere) return;
      const drawn = this.#fits ? this.#screen.snapshot({ history }) : this.#screen.picture(this.size!);
      this.#show(new TextEncoder().encode(drawn));
      this.#missed = false;
      const waited = this.#waiting ?? [];
      this.#waiting = null;
      for (const bytes of waited) this.output(bytes);
    });
  }

  #show(bytes: Uint8Array): void {
    this.#untaken += bytes.length;
    this.#channel.show(bytes);
  }
}

function isSame(one: TerminalSize, other: TerminalSize): boolean {
  return one.columns === other.columns && one.rows === other.rows;
}

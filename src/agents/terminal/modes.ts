import type headless from "@xterm/headless";
import { moveTo } from "./picture.ts";

/** Hidden cursor, how the mouse is told, colour scheme reports: private modes that a snapshot would not have. */
const PRIVATE_MODES = new Set([25, 1005, 1006, 1007, 1015, 1016, 2031]);
const ON_BY_ITSELF = new Set([25, 1007]);

/** What a program has switched on of its terminal that the serializer leaves out. */
export class Modes {
  readonly #terminal: headless.Terminal;
  readonly #private = new Map<number, boolean>();
  /** What is sent for keys: the flags of kitty's protocol, and xterm's modifyOtherKeys. */
  #kitty: number[] = [];
  #otherKeys = 0;
  #cursorStyle = 0;
  /** The rows that scroll, where those are not all: the alternate screen has its own. */
  readonly #regions = new Map<"normal" | "alternate", readonly [top: number, bottom: number]>();

  constructor(terminal: headless.Terminal) {
    this.#terminal = terminal;
    const { parser } = terminal;
    const hear = (id: { prefix?: string; intermediates?: string; final: string }, take: Take) =>
      parser.registerCsiHandler(id, (params) => {
        take(params.map((each) => (typeof each === "number" ? each : (each[0] ?? 0))));
        return false; // it is still the terminal's own to do
      });
    hear({ prefix: "?", final: "h" }, (modes) => this.#switch(modes, true));
    hear({ prefix: "?", final: "l" }, (modes) => this.#switch(modes, false));
    hear({ prefix: ">", final: "u" }, ([flags = 0]) => void this.#kitty.push(flags));
    hear({ prefix: "<", final: "u" }, ([count = 1]) => void this.#kitty.splice(-Math.max(count, 1)));
    hear({ prefix: "=", final: "u" }, ([flags = 0]) => void this.#kitty.splice(-1, 1, flags));
    hear({ prefix: ">", final: "m" }, ([what, value = 0]) => {
      if (what === 4) this.#otherKeys = value;
    });
    hear({ intermediates: " ", final: "q" }, ([style = 0]) => void (this.#cursorStyle = style));
    hear({ final: "r" }, ([top = 0, bottom = 0]) => this.#setRegion(top, bottom));
    hear({ intermediates: "!", final: "p" }, () => this.#reset());
    parser.registerEscHandler({ final: "c" }, () => {
      this.#reset();
      return false;
    });
  }

  /** What switches all of it on in a terminal in which nothing is, and puts the cursor in its place. */
  get text(): string {
    const { buffer, cols, modes } = this.#terminal;
    const { cursorX, cursorY, type } = buffer.active;
    const region = this.#regions.get(type);
    const switched = [...this.#private].filter(([mode, isOn]) => isOn !== ON_BY_ITSELF.has(mode));
    const flags = this.#kitty.at(-1) ?? 0;
    return [
      ...switched.map(([mode, isOn]) => `\x1b[?${mode}${isOn ? "h" : "l"}`),
      flags === 0 ? "" : `\x1b[>${flags}u`,
      this.#otherKeys === 0 ? "" : `\x1b[>4;${this.#otherKeys}m`,
      this.#cursorStyle === 0 ? "" : `\x1b[${this.#cursorStyle} q`,
      region === undefined ? "" : `\x1b[${region.join(";")}r`,
      // Setting rows that scroll moves it; and after a full row the serializer leaves it beyond the last column.
      modes.originMode || cursorX >= cols ? "" : moveTo(cursorY, cursorX),
    ].join("");
  }

  #switch(modes: readonly number[], isOn: boolean): void {
    for (const mode of modes) if (PRIVATE_MODES.has(mode)) this.#private.set(mode, isOn);
  }

  #setRegion(top: number, bottom: number): void {
    const { rows, buffer } = this.#terminal;
    if (bottom !== 0 && bottom <= Math.max(top, 1)) return; // no region, and nothing happens
    const isAll = top <= 1 && (bottom === 0 || bottom >= rows);
    if (isAll) this.#regions.delete(buffer.active.type);
    else this.#regions.set(buffer.active.type, [Math.max(top, 1), bottom === 0 ? rows : bottom]);
  }

  /** A resize takes the region away, as the terminal does. */
  resized(): void {
    this.#regions.clear();
  }

  #reset(): void {
    this.#private.clear();
    this.#kitty = [];
    this.#otherKeys = 0;
    this.#cursorStyle = 0;
    this.#regions.clear();
  }
}

type Take = (params: readonly number[]) => void;

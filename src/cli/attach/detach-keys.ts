/** What ctrl-\ is sent as: plainly, by kitty's protocol (its release too), by xterm's modifyOtherKeys. */
const CONTROL_BACKSLASH = ["\x1c", "\x1b[92;5u", "\x1b[92;5:1u", "\x1b[27;5;92~"];
const RELEASED = "\x1b[92;5:3u";
const LETTER_D = ["d", "\x1b[100u", "\x1b[100;1u", "\x1b[100;1:1u", "\x04", "\x1b[100;5u"];

/** What of the keys goes on to the program, and whether one leaves it. */
export interface Typed {
  readonly text: string;
  readonly leaves: boolean;
}

/** Finds ctrl-\ d among what is typed. A second ctrl-\ sends one of them; with any other key both are sent. */
export class DetachKeys {
  /** A ctrl-\ that may be the first half. */
  #begun = "";

  /** @param text bytes as latin1: keys are never cut in two here */
  read(text: string): Typed {
    let sent = "";
    let rest = text;
    while (rest !== "") {
      if (this.#begun !== "" && rest.startsWith(RELEASED)) {
        rest = rest.slice(RELEASED.length);
        continue;
      }
      const key = startOf(rest, this.#begun === "" ? CONTROL_BACKSLASH : [...LETTER_D, ...CONTROL_BACKSLASH]);
      if (this.#begun === "") {
        const at = key === null ? next(rest) : 0;
        sent += rest.slice(0, at);
        this.#begun = key ?? "";
        rest = rest.slice(key?.length ?? at);
        continue;
      }
      if (key !== null && LETTER_D.includes(key)) return { text: sent, leaves: true };
      sent += this.#begun;
      this.#begun = "";
      rest = rest.slice(key?.length ?? 0);
    }
    return { text: sent, leaves: false };
  }
}

function startOf(text: string, keys: readonly string[]): string | null {
  return keys.find((key) => text.startsWith(key)) ?? null;
}

/** How far there is no ctrl-\. */
function next(text: string): number {
  const places = CONTROL_BACKSLASH.map((key) => text.indexOf(key)).filter((at) => at >= 0);
  return Math.min(text.length, ...places);
}

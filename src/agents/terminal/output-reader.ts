/** One control string (a title, a picture, the clipboard) at the most, in characters; a longer one is left out. */
const MAX_CONTROL_STRING = 1024 * 1024;

/** What a program wrote, up to the last character or control sequence that is whole. */
export interface Output {
  readonly text: string;
  /** The same for the terminals of people: without what would have them answer, or do more than show. */
  readonly shown: string;
}

const C0_AND_TEXT = String.raw`[\x00-\x17\x19\x1c-\x3f\x7f]`;
/** ESC, ENQ, and the controls that a terminal takes for ESC and a letter (ECMA-48, 8.2). */
const BEGIN = new RegExp(String.raw`[\x05\x1b\x80-\x9f]`, "g");
const CSI = new RegExp(String.raw`(?:\x1b\[|\x9b)(?<body>${C0_AND_TEXT}*)(?<final>[@-~])?`, "y");
const OSC = new RegExp(
  String.raw`(?:\x1b\]|\x9d)(?<body>[^\x07\x18\x1a\x1b\x9c]*)(?<final>\x07|\x1b\\|\x9c)?`,
  "y",
);
/** DCS, SOS, PM, APC. */
const STRING = new RegExp(
  String.raw`(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])(?<body>[^\x18\x1a\x1b\x9c]*)(?<final>\x1b\\|\x9c)?`,
  "y",
);
const ESCAPE = new RegExp(String.raw`\x1b(?<body>[ -/]*)(?<final>[0-~])?`, "y");
const CONTROLS = new RegExp(String.raw`[\x00-\x1f\x7f]`, "g");
/** The end of any control string, of which an ESC may still wait for its backslash. */
const STRING_END = new RegExp(String.raw`[\x07\x18\x1a\x9c]|\x1b\\`);

/** Titles, colours, folder, link, notice, clipboard, marks: what an OSC may say to a person's terminal. */
const SHOWN_OSC = /^(?:[012789]|4|1[0-9]|52|104|11[0-9]|133|777)(?:;|$)/;
/** A full reset would take the person's own scrollback with it. */
const RESET = "\x1b[!p\x1b[?1049l\x1b[r\x1b[H\x1b[2J";

/**
 * Reads what a program writes to its terminal. What is held back is given with the rest of its sequence, so that between
 * two outputs a terminal can be drawn anew.
 */
export class OutputReader {
  readonly #decoder = new TextDecoder();
  #held = "";
  /** True within a control string that is too long, until its end. */
  #skips = false;

  read(bytes: Uint8Array): Output {
    const text = this.#unskipped(this.#held + this.#decoder.decode(bytes, { stream: true }));
    this.#held = "";
    const shown: string[] = [];
    let from = 0;
    BEGIN.lastIndex = 0;
    for (let found = BEGIN.exec(text); found !== null; found = BEGIN.exec(text)) {
      shown.push(text.slice(from, found.index));
      const sequence = sequenceAt(text, found.index);
      if (sequence === null) return { text: this.#hold(text, found.index), shown: shown.join("") };
      shown.push(sequence.shown);
      from = BEGIN.lastIndex = found.index + sequence.length;
    }
    shown.push(text.slice(from));
    return { text, shown: shown.join("") };
  }

  /** What stands before a sequence that is not whole yet. */
  #hold(text: string, at: number): string {
    this.#held = text.slice(at);
    this.#skips = this.#held.length > MAX_CONTROL_STRING;
    if (this.#skips) this.#held = "";
    return text.slice(0, at);
  }

  #unskipped(text: string): string {
    if (!this.#skips) return text;
    const end = STRING_END.exec(text);
    if (end === null) return "";
    this.#skips = false;
    return text.slice(end.index + end[0].length);
  }
}

/** A whole sequence and what a person's terminal gets of it; null: the rest is still to come. */
function sequenceAt(text: string, at: number): { length: number; shown: string } | null {
  for (const [form, isShown] of FORMS) {
    form.lastIndex = at;
    const found = form.exec(text);
    if (found === null) continue;
    const { length } = found[0];
    const { body, final } = found.groups as { body: string; final?: string };
    if (final !== undefined) return { length, shown: shownOf(found[0], isShown(body, final)) };
    if (at + length === text.length || isCut(text, at + length)) return null;
    return { length, shown: "" }; // broken off by another control
  }
  return { length: 1, shown: "" };
}

/** The ESC of a string's end, without its backslash yet. */
function isCut(text: string, at: number): boolean {
  return text[at] === "\x1b" && at + 1 === text.length;
}

function shownOf(sequence: string, shown: boolean | string): string {
  if (typeof shown === "string") return shown;
  return shown ? sequence : "";
}

const FORMS: readonly (readonly [RegExp, (body: string, final: string) => boolean | string])[] = [
  [CSI, isShownCsi],
  [OSC, isShownOsc],
  [STRING, () => false],
  [ESCAPE, isShownEscape],
];

/** All but requests for a report, of the window, and to the printer (https://invisible-island.net/xterm/ctlseqs). */
function isShownCsi(body: string, final: string): boolean {
  const given = body.replaceAll(CONTROLS, "");
  const isPrivate = /^[<=>?]/.test(given);
  const between = /[ -/]+$/.exec(given)?.[0] ?? "";
  if ("cnxti".includes(final)) return false;
  if (final === "q" && given.startsWith(">")) return false;
  if ("umS".includes(final) && given.startsWith("?")) return false;
  return between === "" || between === " " || between === '"' || (between === "!" && !isPrivate);
}

function isShownOsc(body: string): boolean {
  return SHOWN_OSC.test(body) && !body.split(";").includes("?");
}

function isShownEscape(body: string, final: string): boolean | string {
  if (body === "") return final === "c" ? RESET : final !== "Z";
  return !body.startsWith(" ") && !body.startsWith("%");
}
